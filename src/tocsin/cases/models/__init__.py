"""The tables of this room: cases and their tips; changes that can be undone; facts and work; who is called at night."""

from __future__ import annotations

from tocsin.cases.models.changes import Change, ChangeRow, Detached, Flag, MergeProposal
from tocsin.cases.models.core import (
    LANE_ORDER,
    Case,
    CaseEvent,
    CaseNumber,
    CaseState,
    CaseTip,
    Finding,
    Lane,
    Note,
    Placed,
    Scored,
)
from tocsin.cases.models.facts import Observation, Task, Translation
from tocsin.cases.models.paging import Alarm, AlarmCall, Duty

__all__ = [
    "LANE_ORDER",
    "Alarm",
    "AlarmCall",
    "Case",
    "CaseEvent",
    "CaseNumber",
    "CaseState",
    "CaseTip",
    "Change",
    "ChangeRow",
    "Detached",
    "Duty",
    "Finding",
    "Flag",
    "Lane",
    "MergeProposal",
    "Note",
    "Observation",
    "Placed",
    "Scored",
    "Task",
    "Translation",
]
