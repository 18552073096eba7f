"""Addresses that documents of the Open Science Catalog name: extensions, a conformance class, the scheme of themes."""

from typing import Final

__all__ = ["CF", "CONTACTS", "OSC", "RECORD_CORE", "THEMES", "THEME_SCHEME", "VERSION"]

OSC: Final = "https://stac-extensions.github.io/osc/v1.0.0/schema.json"
"""Schema of the extension that every product and project has."""
THEMES: Final = "https://stac-extensions.github.io/themes/v1.0.0/schema.json"
"""Schema of the extension that every product and project has."""
CONTACTS: Final = "https://stac-extensions.github.io/contacts/v0.1.1/schema.json"
"""Schema of the extension for `contacts`."""
CF: Final = "https://stac-extensions.github.io/cf/v0.2.0/schema.json"
"""Schema of the extension for `cf:parameter`."""
VERSION: Final = "https://stac-extensions.github.io/version/v1.2.0/schema.json"
"""Schema of the extension for `version`."""
THEME_SCHEME: Final = "https://github.com/stac-extensions/osc#theme"
"""The scheme of the catalog's own themes."""
RECORD_CORE: Final = "http://www.opengis.net/spec/ogcapi-records-1/1.0/req/record-core"
"""Conformance class of workflow and experiment records (OGC 20-004)."""
