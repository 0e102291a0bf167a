"""What cannot be done with a broadcast, each with the sentence that says why and what
to do.
"""

from __future__ import annotations


class CannotDo(Exception):
    """Nothing was changed. `code` names the desk's sentence (`cast_<code>` of its
    words), `what` fills it in.
    """

    def __init__(self, code: str, what: object = "") -> None:
        sentence = SENTENCES[code]
        super().__init__(sentence.format(what=what))
        self.code = code
        self.what = str(what)


class BadRule(CannotDo):
    """The rule of an audience cannot be used."""


# As the console says them.
SENTENCES = {
    "json": "The rule is not a JSON object.",
    "member": "A rule has no member '{what}'.",
    "value": "{what} cannot be used in this rule.",
    "empty": "'{what}' names nothing, so nobody would be chosen. Name something, or leave it out.",
    "unchosen": "Nobody has chosen yet whom it is for. Choose a group, or everybody registered.",
    "hamlet": "There is no hamlet '{what}' any more. Choose the hamlets anew.",
    "school": "There is no school or class '{what}'.",
    "event": "There is no event {what}.",
    "broadcast": "There is no broadcast {what}.",
    "deep": "The rule holds too many rules within rules.",
    "gone": "There is no broadcast {what}.",
    "file": "The file is not a broadcast: {what}.",
    "name": "A broadcast needs a name.",
    "class": "The class is '{what}'; it must be notice or advert.",
    "words": "The words cannot be sent: {what}.",
    "field": "There is no field {{{what}}}. Fields: {{name}} {{hamlet}} {{hall}} {{next_session}} {{code}} {{number}}"
    " {{service_code}} {{commune}}.",
    "no_words": "There are no Vietnamese words yet.",
    "brace": "A brace in the words stands alone.",
    "label": "[QC] marks an advert, and this is a notice. Take it out, or make it an advert.",
    "link": "There is a link in it. No text of the commune ever has one: take it out.",
    "secret": "It tells people to send or read out a password or an OTP. Nobody may ask for that: take it out.",
    "sells": "It holds words of adverts ({what}). Say that it is none, and have somebody else approve it on the desk.",
    "moment": "'{what}' is no moment; write 2026-12-03T09:00+07:00.",
    "when": "Say from when it goes, or let it go at once.",
    "offset": "Say how long before or after a session: 1 to 60 days.",
    "until": "It would be repeated until a day that lies before its first.",
    "night": "Texts leave between 7:00 and 21:00 only, and by its deadline none could: the first would leave {what}.",
    "order": "It would be too late before it begins: the deadline must lie after the start.",
    "past": "Its deadline has passed: set a later one.",
    "pace": "'{what}' is no speed; write how many texts may go in a minute, 1 or more.",
    "pace_most": "{what} texts in a minute are too many: a million is the most.",
    "zone": "'{what}' bears no zone: write 2026-12-03T09:00+07:00.",
    "repeat": "'{what}' is no way to repeat it.",
    "draft_only": "It was started, so this cannot be changed any more.",
    "scheduled": "It is scheduled and its list is frozen: stop it, and write a new one in its words.",
    "discarded": "This draft was discarded.",
    "started": "It was started before ({what}). Nothing was sent twice.",
    "not_running": "It is not running ({what}).",
    "not_paused": "It is not paused ({what}).",
    "over": "It is over ({what}).",
    "approval": "It needs the approval of somebody else than who wrote it{what}.",
    "on_the_desk": "An advert is approved on the desk, by somebody else than who wrote it.",
    "unapproved": "The question goes out once ever to each: first somebody else has to approve this advert.",
    "own": "Whoever wrote it cannot approve it: ask somebody else.",
    "old_words": "The words or the audience changed since this page was opened. Read it again, then approve.",
    "changed": "It was changed since this page was opened. Read it again, then start it.",
    "nobody": "Nobody would be told: everybody is left out. Look at the reasons and change the audience.",
    "field_empty": "Some people have nothing to put in: {what}. Change the words, or leave these people out.",
    "too_long": "For some the text takes {what} parts, and 3 is the most. Shorten it.",
    "budget": "It costs {what} đồng, above the budget. Confirm the price to start it.",
    "commune": "There are several communes: say --commune and one of {what}.",
    "phone": "There is no mobile number to send the test to.",
    "test_refused": "Whoever has this number refused such texts, tests too. Take another number.",
    "test_advert": "This is a resident's number, and nobody there agreed to adverts. Take another number.",
    "test_enough": "{what} tests went to this number in 24 hours; that is the most. Take another number.",
}
