"""The sentence of each kind of event, and the words of the codes that stand in them.

A sentence says what happened and leaves out who did it: the timeline shows the actor beside it.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tocsin.identifiers.roles import MentionRole

Text = str | Promise

KINDS: dict[str, Text] = {
    # how it grew
    "opened": _("Case %(number)s opened with %(tips)s"),
    "opened_by_hand": _("Case %(number)s opened by hand from a loose tip"),
    "tips_joined": _("%(tips)s joined"),
    "merged": _("Case %(number)s merged into this one: %(tips)s"),
    "touches": _("A tip also names what is in case %(number)s; both were worked on, so they stay apart"),
    "merge_drafted": _(
        "It shares something with case %(number)s, and people worked on both: shall they be one?"
    ),
    "merge_proposed": _("A merge with case %(number)s was proposed"),
    "merge_declined": _("The merge with case %(number)s was declined"),
    "split_off": _("%(tips)s split off into case %(number)s"),
    "split_from": _("Split from case %(number)s with %(tips)s"),
    "loosened": _("%(tips)s left the case: nothing joins them to anything"),
    "moved_out": _("A tip was moved to case %(number)s"),
    "moved_in": _("A tip was moved here from case %(number)s"),
    "detached": _("An identifier was detached: it joins nothing in this case"),
    "undone": _("Undone: %(what)s"),
    "flag_raised": _("For a person to look at: %(flag)s"),
    "flag_settled": _("Looked at: %(flag)s"),
    "lane_raised": _("Urgency is now %(lane)s"),
    "read_again": _(
        "Its tips were read again with changed data: %(added)s newly found, %(removed)s no longer found"
    ),
    # who is called
    "alarm": _("Somebody on duty is called"),
    "alarm_unheard": _("Nobody on duty took it (%(unheard)s): the coordinators are told"),
    "alarm_taken": _("The call was taken"),
    "alarm_over": _("Nobody is called any more: the case is not immediate now"),
    "police_called": _("Police were called (%(police_of)s)"),
    # people at work
    "seen": _("Opened for the first time"),
    "state": _("The case is now %(state)s"),
    "role": _("Role set to %(role)s for one identifier"),
    "finding": _("An identifier was added by hand"),
    "note": _("A note was written"),
    "subject": _("Subject written down"),
    "assessed": _("Assessed: %(verdict)s, on %(on_what)s"),
    # what left, and what came back
    "plan_made": _("A plan was made: %(order)s"),
    "plan_proposed": _("A plan was proposed"),
    "plan_released": _("The notices of the plan may leave: %(why)s"),
    "dispatch_proposed": _("A message was proposed"),
    "dispatch_approved": _("A message was approved"),
    "dispatch_rejected": _("A message was not approved"),
    "dispatch_queued": _("A message was put into the outbox"),
    "dispatch_sent": _("A message was sent"),
    "dispatch_delivered": _("A message was delivered"),
    "dispatch_failed": _("A message could not be sent"),
    "dispatch_withdrawn": _("A message was withdrawn"),
    "answered": _("Answer: %(answer)s"),
    "hold_set": _("Police ask for silence until %(until)s"),
    "hold_confirmed": _("The hold was confirmed by a second person"),
    "hold_lifted": _("A hold was lifted: %(reason)s"),
    "all_gone": _("All accounts of the notices are gone"),
    "arrested": _("Police say that somebody was arrested"),
    "outcome_released": _("A sentence was released to the reporters"),
}

CODES: dict[str, dict[str, Text]] = {
    "lane": {
        "immediate": _("immediate"),
        "high": _("high"),
        "normal": _("normal"),
        "low": _("low"),
    },
    "state": {
        "open": _("open"),
        "assessed": _("assessed"),
        "dispatched": _("dispatched"),
        "held": _("held"),
        "closed": _("closed"),
        "reopened": _("reopened"),
        "merged": _("merged"),
    },
    "what": {
        "merge": _("a merge"),
        "split": _("a split"),
        "cut": _("a cut"),
        "move": _("a moved tip"),
        "detach": _("a detached identifier"),
    },
    "flag": {
        "reopen": _("new tips on a closed case"),
        "back_again": _("an account that is back"),
        "burst": _("a burst of alike tips"),
        "number_wanted": _("the numeric id is wanted"),
        "glued": _("a hub holds this case together"),
    },
    "role": {role.value: role.label for role in MentionRole},
    "verdict": {
        "baseline": _("illegal by the international baseline"),
        "national": _("illegal by national law"),
        "not_illegal": _("not illegal"),
        "undetermined": _("undetermined"),
    },
    "on_what": {
        "tips": _("text of the tips"),
        "own_view": _("own view"),
        "partner": _("a partner's word"),
        "known_list": _("a list of known content"),
    },
    "unheard": {
        "nobody_on_duty": _("nobody was on duty"),
        "nobody_took_it": _("nobody took it in time"),
    },
    "police_of": {"unknown": _("place not known")},
    "order": {"police_first": _("police first"), "together": _("together")},
    "why": {
        "police_go_ahead": _("police said go ahead"),
        "police_arrested": _("police said arrested"),
        "police_no_action": _("police said that they will take no action"),
    },
    "answer": {
        "acknowledged": _("we are looking at it"),
        "suspended": _("account suspended"),
        "removed": _("content removed"),
        "refused": _("refused"),
        "wrong_recipient": _("wrong recipient"),
        "question": _("a question"),
        "received": _("received"),
        "hold": _("hold"),
        "go_ahead": _("go ahead"),
        "already_known": _("already known"),
        "not_ours": _("not ours"),
        "arrested": _("arrested"),
        "no_action": _("no action"),
        "several": _("several answers"),
        "words": _("words only"),
    },
    "reason": {
        "go_ahead": _("police said go ahead"),
        "police_by_phone": _("police said so by telephone"),
        "expired_and_asked": _("it had expired and police were asked"),
        "child_in_danger": _("a child is in danger"),
        "recorded_by_mistake": _("it was recorded by mistake"),
    },
}
