"""Where the official validator is provably wrong: numbered, a warning in gate mode and an error in strict mode.

docs/decisions/0009 says of each what the validator does, which written rule it breaks, and what we do.
"""

from typing import Final

__all__ = ["EXCEPTIONS"]

EXCEPTIONS: Final = {
    "EX01": "a document of no or an old STAC version, or a FeatureCollection, is passed over unread",
    "EX02": "the catalog's own schemas for themes, variables and EO missions are never applied",
    "EX03": "the look at absolute and foreign addresses stops at the first link of the catalog's structure",
    "EX04": "a record may lack its title and its description",
    "EX05": "a record may be of any type of record",
    "EX06": "an experiment may have several input and environment links",
    "EX07": "a listing may name an entry several times",
    "EX08": "a listing, and the top of the catalog, may be missing",
    "EX09": "a document without a STAC version passes anywhere if it is a record",
    "EX10": "bytes that are no UTF-8 are replaced instead of refused",
    "EX11": "the extensions of records are never looked up, and those of listings only if they are an array",
    "EX12": "titles and types of links are compared for some relations of some kinds only",
    "EX13": "a preview may be any image that calls itself webp, and its shape may be written as text",
    "EX14": "an entry or a listing passes in a folder where the catalog has none",
    "EX15": "an id that holds 'json' is refused, although folder and id are equal",
    "EX16": "a listing may name an entry whose folder lacks the entry's file",
    "EX17": "a number too large for any reader is taken for one",
}
"""What the official validator does, by number."""
