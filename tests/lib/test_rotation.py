"""Every sealed column is known to the rotation: a new one is entered on purpose or found by itself."""

from __future__ import annotations

from tocsin.lib import rotation


def test_the_columns_sealed_to_the_hotline() -> None:
    assert sorted(column.name for column in rotation.columns()) == [
        "cases.Case.subject_sealed",
        "cases.Change.reason_sealed",
        "cases.Finding.identifier_sealed",
        "cases.Finding.note_sealed",
        "cases.MergeProposal.reason_sealed",
        "cases.MergeProposal.rejection_sealed",
        "cases.Note.text_sealed",
        "cases.Task.text_sealed",
        "cases.Translation.text_sealed",
        "dispatch.Answer.sealed",
        "dispatch.Dispatch.content_sealed",
        "dispatch.Dispatch.link_sealed",
        "dispatch.Dispatch.rejection_sealed",
        "dispatch.Dispatch.words_sealed",
        "dispatch.DispatchItem.reason_sealed",
        "identifiers.BystanderChange.rejection_sealed",
        "linking.HubChange.reason_sealed",
        "linking.HubChange.rejection_sealed",
        "post.Message.address_sealed",
        "post.Message.content_sealed",
        "review.Assessment.rationale_sealed",
        "tips.Mention.identifier_sealed",
        "tips.Message.sealed",
        "tips.Objection.contact_sealed",
        "tips.Objection.text_sealed",
        "tips.Reading.facts_sealed",
        "tips.SharedBody.sealed",
        "tips.Tip.city_sealed",
        "tips.Tip.contact_sealed",
        "tips.Tip.narrative_sealed",
        "tips.Tip.sender_sealed",
    ]
