"""The quiet pages of the door: what happens, what we can do, and a word for each who may come by.

A page is a title, a lead and parts (heading, paragraphs, points). Texts are gettext strings; a hotline that wants
its own words puts a file NAME.LANGUAGE.txt into `TOCSIN_PAGES_DIR` (blank lines part paragraphs).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Part:
    """One heading with what stands below it."""

    heading: Text
    paragraphs: tuple[Text, ...] = ()
    points: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One page; `helpline` shows the child helpline of the reader's country beside it."""

    name: str
    title: Text
    lead: Text
    parts: tuple[Part, ...]
    helpline: bool = False


PAGES = {
    page.name: page
    for page in (
        Page(
            "next",
            _("What happens next"),
            _("A tip goes a short way, and people decide at every step."),
            (
                Part(
                    _("With your tip"),
                    points=(
                        _("It is sealed at once. Only trained people of the hotline can open it."),
                        _(
                            "They read it, look for other tips about the same thing, and put a child in danger first."
                        ),
                        _("Two people must agree before anything leaves the hotline."),
                        _(
                            "Then those who can act are told: platforms, hosts, payment firms, police, hotlines abroad."
                        ),
                        _("We follow what they do, remind them, and count it."),
                    ),
                ),
                Part(
                    _("With your receipt"),
                    (
                        _(
                            "With the receipt you can see how far it is, read questions of ours and answer them. You "
                            "need no account for that. Whoever has the receipt can read the same: keep it to yourself."
                        ),
                    ),
                ),
                Part(
                    _("What we cannot tell you"),
                    (
                        _(
                            "We say nothing about people, and not whether something was known before. That protects "
                            "children, and you. So an answer may be short: it is not a sign that nothing was done."
                        ),
                    ),
                ),
            ),
        ),
        Page(
            "remit",
            _("What we can and cannot do"),
            _("We are a hotline against the sexual exploitation of children. We are not the police."),
            (
                Part(
                    _("Tell us about"),
                    points=(
                        _(
                            "accounts, groups, channels, sites, posts and payments that serve the exploitation of children"
                        ),
                        _("somebody who seeks contact with children in order to harm them"),
                        _("a child who is pressed or threatened"),
                        _(
                            "something about yourself that is passed around against your will while you are under 18"
                        ),
                    ),
                ),
                Part(
                    _("We cannot help with"),
                    points=(
                        _("an emergency: call the police of the place where the child is"),
                        _("theft, fraud, insults or anything else that does not concern children"),
                        _("what is lawful and only unpleasant"),
                    ),
                    paragraphs=(
                        _(
                            "Tell the police or the platform about these. A tip about them is kept, and not acted on."
                        ),
                    ),
                ),
                Part(
                    _("We never do"),
                    points=(
                        _("take, keep or send pictures or videos"),
                        _("publish anything about anyone"),
                        _("let software decide about people"),
                    ),
                ),
            ),
        ),
        Page(
            "children",
            _("For children and young people"),
            _("If something online frightens or presses you, it is not your fault. You can get help."),
            (
                Part(
                    _("If somebody threatens you"),
                    points=(
                        _("Do not send anything more, and do not pay."),
                        _("Do not answer. You need not be polite."),
                        _("Do not delete the chat: the names in it help to find the person."),
                        _(
                            "Tell a grown-up whom you trust, or call the helpline. You need not show anything."
                        ),
                        _("Tell us the name of the account. You need not say who you are."),
                    ),
                ),
                Part(
                    _("You will not be in trouble"),
                    (
                        _(
                            "People who do this are practised at it, and they have done it to many. Whatever you sent "
                            "or said: the one who did wrong is the other."
                        ),
                    ),
                ),
                Part(
                    _("If you are in danger now"),
                    (
                        _(
                            "Go to where other people are and call the police. You can call without credit on the phone."
                        ),
                    ),
                ),
            ),
            helpline=True,
        ),
        Page(
            "parents",
            _("For parents"),
            _("Stay calm: that is the most important thing that you can do for your child now."),
            (
                Part(
                    _("First"),
                    points=(
                        _(
                            "Listen, believe, and thank your child for telling you. Do not blame, do not take the phone away as a punishment."
                        ),
                        _("If your child is in danger now, call the police."),
                        _(
                            "Write down names, addresses and times. Do not make or pass on copies of pictures."
                        ),
                        _("Do not write to the other person, also not in your child's name."),
                        _("Tell us, and tell the police of your town."),
                    ),
                ),
                Part(
                    _("Then"),
                    points=(
                        _("Block the contact only after the names are written down."),
                        _("Ask a doctor or a counselling centre for support, for your child and for you."),
                        _("Go through the privacy settings together, without reproach."),
                    ),
                ),
                Part(
                    _("Signs to talk about"),
                    (
                        _(
                            "A child that suddenly hides the phone, gets presents or money, has new friends who are "
                            "much older, or is afraid of messages may need a quiet talk. None of it is a proof."
                        ),
                    ),
                ),
            ),
            helpline=True,
        ),
        Page(
            "teachers",
            _("For teachers: one lesson"),
            _(
                "Forty-five minutes for a class of ten to fourteen years. No story of a case, no picture, no fright."
            ),
            (
                Part(
                    _("Aim"),
                    (
                        _(
                            "Pupils know three signs of a contact that means no good, three sentences to end it, and whom to tell."
                        ),
                    ),
                ),
                Part(
                    _("Course"),
                    points=(
                        _("5 minutes: what we like about talking online. Collect it on the board."),
                        _(
                            "10 minutes: in pairs, sort cards into fine, strange, not fine: asks for your town, praises you a lot, wants to keep it secret, offers money, wants another app, gets angry at a no."
                        ),
                        _(
                            "10 minutes: together, what the last three have in common: secret, hurry, reward or threat."
                        ),
                        _(
                            "10 minutes: practise three sentences aloud: I do not want that. I will tell somebody. I am leaving now."
                        ),
                        _(
                            "5 minutes: everybody writes down, for themselves only, two grown-ups whom they would tell."
                        ),
                        _("5 minutes: the number of the helpline, and that it is never too late to tell."),
                    ),
                ),
                Part(
                    _("For yourself"),
                    points=(
                        _(
                            "Say at the beginning that nobody must tell anything, and that you can be spoken to afterwards."
                        ),
                        _(
                            "If a pupil confides in you: listen, promise no secrecy, write down their words, tell the person responsible at your school today."
                        ),
                        _("Do not ask for a phone and do not look at pictures."),
                    ),
                ),
            ),
            helpline=True,
        ),
        Page(
            "worried",
            _("Worried about your own behaviour"),
            _(
                "If you fear that you could harm a child, or you want to stop looking at such things, there is help, and it is confidential."
            ),
            (
                Part(
                    _("You can do this today"),
                    points=(
                        _(
                            "Call or write to a helpline for people in your situation. You need not say your name."
                        ),
                        _(
                            "Ask a doctor or a therapist. They are bound to secrecy within the law of your country."
                        ),
                        _("Put distance between yourself and what tempts you: devices, places, times alone."),
                    ),
                ),
                Part(
                    _("Why it is worth it"),
                    (
                        _(
                            "Many people have learned with help not to act. Behind every picture is a child who was "
                            "hurt for it: to stop protects children, and you."
                        ),
                    ),
                ),
            ),
        ),
        Page(
            "careful",
            _("Please do not act on your own"),
            _(
                "Do not contact, warn, name or follow the person. You could put a child in danger, warn a suspect, or harm somebody innocent."
            ),
            (
                Part(
                    _("Why"),
                    points=(
                        _("Whoever is warned deletes traces and moves on. Then nobody finds the child."),
                        _(
                            "Accounts are stolen and names are copied: the person whom you see may have nothing to do with it."
                        ),
                        _(
                            "Traps and false identities can make evidence useless, and can be an offence themselves."
                        ),
                        _("A name that was published once cannot be taken back."),
                    ),
                ),
                Part(
                    _("What helps"),
                    points=(
                        _(
                            "Write down the address, the name of the account and the time, and send them to us."
                        ),
                        _("Do not look for more. Close the page."),
                        _("Tell others only that there is a hotline."),
                        _("If it burdens you, talk to somebody. A helpline is there for you as well."),
                    ),
                ),
            ),
        ),
    )
}


def own_text(name: str, language: str) -> list[str]:
    """The hotline's own words for a page, as paragraphs; empty where it has none in this language.

    `name` is one of ours and `language` one of the settings: no path is made of what a visitor sends.
    """
    folder = settings.PAGES_DIR
    if folder is None:
        return []
    file = Path(folder) / f"{name}.{language}.txt"
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]
