"""The states, territories and provinces we know, in the order their rows have in every catalog."""

from models.domain.place import Region

# New ones go to the end of their list: rows of a published catalog never change meaning, because
# each catalog carries its own list, but a stable order keeps versions comparable.
_US = (
    "AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|"
    "DE Delaware|DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|"
    "IN Indiana|IA Iowa|KS Kansas|KY Kentucky|LA Louisiana|ME Maine|MD Maryland|"
    "MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana|"
    "NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York|"
    "NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|"
    "RI Rhode Island|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|"
    "VA Virginia|WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming|AS American Samoa|"
    "GU Guam|MP Northern Mariana Islands|PR Puerto Rico|VI U.S. Virgin Islands|"
    "FM Federated States of Micronesia|MH Marshall Islands|PW Palau"
)
_MILITARY = "AA Armed Forces Americas|AE Armed Forces Europe|AP Armed Forces Pacific"
_CANADA = (
    "AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|"
    "NS Nova Scotia|NT Northwest Territories|NU Nunavut|ON Ontario|PE Prince Edward Island|"
    "QC Quebec|SK Saskatchewan|YT Yukon"
)


def _read(lines: str, country: str, *, military: bool = False) -> dict[str, Region]:
    pairs = (line.split(" ", 1) for line in lines.split("|"))
    return {code: Region(code, name, country, military) for code, name in pairs}


REGIONS: dict[str, Region] = {
    **_read(_US, "US"),
    **_read(_CANADA, "CA"),
    **_read(_MILITARY, "US", military=True),
}
REGION_CODES: tuple[str, ...] = tuple(REGIONS)
REGION_ROWS: dict[str, int] = {code: row for row, code in enumerate(REGION_CODES)}
