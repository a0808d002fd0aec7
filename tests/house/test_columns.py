"""Every text column of the database, and whether it is sealed: a new one must be entered here on purpose."""

from __future__ import annotations

from django.apps import apps
from django.db import models

# plain on purpose: codes, states, public ids, tags, canonical identifiers, and facts about organisations
PLAIN = {
    "lib.StepFailure": {"step", "reason"},
    "lib.LowWater": {"step"},
    "audit.AuditRow": {"actor", "action", "object", "detail", "digest"},
    "audit.ChainHead": {"digest"},
    "tips.Campaign": {"name", "public_id", "title"},
    "tips.ApiClient": {"public_id", "name", "key_digest", "scopes"},
    "tips.SharedBody": {"text_tag"},
    "tips.Message": {"public_id", "box_tag", "kind", "sent_tag"},
    "tips.HandOver": {"tag"},
    "tips.Claim": {"hand_over_tag", "box_tag"},
    "tips.Objection": {"public_id", "box_tag", "sent_tag", "state"},
    "tips.SenderMark": {"tag", "why"},
    "tips.Switch": {"name", "why"},
    "tips.MailSeen": {"folder", "result"},
    "tips.MailAnswer": {"sender_tag"},
    "accounts.User": {"password", "username", "first_name", "last_name", "email", "role", "language"},
    "post.Message": {"key", "channel", "content_digest", "message_id", "state", "failure"},
    "identifiers.Identifier": {"key", "public_id", "kind", "platform", "canonical", "strength"},
    "identifiers.Bystander": {"key", "kind", "platform", "canonical", "label", "why", "source"},
    "identifiers.BystanderChange": {
        "digest", "approved_digest", "state", "public_id", "kind", "platform", "canonical", "label", "why", "source",
    },
    "tips.Tip": {
        "public_id", "source", "mailbox_tag", "box_tag", "contact_tag", "sender_tag", "sent_tag", "text_tag", "not_actionable_why", "contact_consent", "where", "what", "danger", "about",
        "place", "language", "state", "outcome",
    },
    "tips.Reading": {"data_version"},
    "tips.Mention": {"public_id", "strength", "data_version", "rule", "cue", "role"},
    "tips.ReporterCopy": {"tag", "box_tag"},
    "linking.Link": {"strength", "rule"},
    "linking.HubChange": {"digest", "approved_digest", "state", "public_id"},
    "linking.Hub": {"why"},
    "linking.Threshold": {"name"},
    "cases.Case": {"number", "state", "lane", "lane_reasons", "actionability_reasons"},
    "cases.Change": {"public_id", "kind", "actor", "before", "undone_by"},
    "cases.ChangeRow": {"model"},
    "cases.MergeProposal": {"digest", "approved_digest", "state", "public_id", "because"},
    "cases.Flag": {"public_id", "kind", "about", "facts", "settled_how"},
    "cases.Observation": {"public_id", "kind", "currency", "period", "grade"},
    "cases.Task": {"public_id", "kind", "language"},
    "cases.Translation": {"language"},
    "cases.Duty": {"public_id"},
    "cases.Alarm": {"public_id"},
    "cases.AlarmCall": {"tag", "post_key"},
    "cases.CaseTip": {"because"},
    "cases.Scored": {"lane", "signals"},
    "cases.Finding": {"public_id", "role"},
    "cases.CaseEvent": {"kind", "actor", "facts"},
    "review.Assessment": {"public_id", "verdict", "on_what"},
    "directory.Recipient": {
        "key", "public_id", "name", "kind", "country", "cities", "platforms", "host_suffixes", "languages", "source",
    },
    "directory.Route": {"public_id", "channel", "address", "confirmed_note"},
    "dispatch.Plan": {"category", "public_id", "order", "released_why"},
    "dispatch.Dispatch": {
        "digest", "approved_digest", "state", "public_id", "kind", "reference", "language", "mailbox_tag", "last_answer", "failure",
    },
    "dispatch.DispatchItem": {"public_id", "role", "answer"},
    "dispatch.Hold": {"public_id", "lifted_by"},
    "dispatch.PageCopy": {"tag"},
    "dispatch.Answer": {"nonce", "tag"},
    "dispatch.AnswerRead": {"result"},
    "statistics.PublicFigure": {"key", "value"},
}  # fmt: skip
TEXT = (models.CharField, models.TextField, models.JSONField)
KEYS = {"mailbox_key", "signature"}  # public keys; keyed sketches of texts (linking/minhash.py)


def test_every_text_column_is_listed_as_plain() -> None:
    found = {
        model._meta.label: {f.name for f in model._meta.get_fields() if isinstance(f, TEXT) and f.concrete}
        for model in apps.get_models()
        if model.__module__.startswith("tocsin.")
    }
    assert {name: fields for name, fields in found.items() if fields} == PLAIN


def test_every_binary_column_is_sealed_and_says_so_in_its_name() -> None:
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, models.BinaryField) and field.name not in KEYS:
                assert field.name == "sealed" or field.name.endswith("_sealed"), (
                    f"{model.__name__}.{field.name}"
                )
