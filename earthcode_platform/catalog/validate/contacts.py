"""Contacts of a document and their e-mail addresses (STAC contacts extension 0.1.1)."""

from collections.abc import Iterator
from typing import Final

from earthcode_platform.catalog.documents import sections, text, texts
from earthcode_platform.catalog.validate.formats import is_email
from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.catalog.validate.rulebook import Fault

__all__ = ["emails", "technical_officer"]

_SHORTEST: Final = 2


def technical_officer(entry: Inspection) -> Iterator[Fault]:
    """Yield a fault unless a contact is `technical_officer` with a name and a valid first e-mail address."""
    at = entry.at("contacts")
    contacts = sections(entry.facts, "contacts")
    officers = [(place, one) for place, one in enumerate(contacts) if "technical_officer" in texts(one, "roles")]
    if not officers:
        yield Fault(at, "no contact has the role 'technical_officer'.", "Name the technical officer.")
        return
    place, officer = officers[0]
    if len(text(officer, "name")) < _SHORTEST:
        message = "the technical officer has no name of two letters or more."
        yield Fault(f"{at}/{place}", message, "Write it.", officer.get("name"))
    addresses = sections(officer, "emails")
    first = text(addresses[0], "value") if addresses else ""
    if not is_email(first):
        pointer = f"{at}/{place}" + ("/emails/0" if addresses else "")
        yield Fault(pointer, f"the technical officer's e-mail is {first!r}.", "Write a valid address.", first)


def emails(entry: Inspection) -> Iterator[Fault]:
    """Yield a fault for every e-mail address of every contact that is none."""
    for place, contact in enumerate(sections(entry.facts, "contacts")):
        for index, email in enumerate(sections(contact, "emails")):
            if not is_email(text(email, "value")):
                yield Fault(
                    f"{entry.at('contacts')}/{place}/emails/{index}",
                    f"{text(email, 'value')!r} is no e-mail address.",
                    "Mend the contact.",
                    email.get("value"),
                )
