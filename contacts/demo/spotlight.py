# ruff: noqa: E501
"""The people a visitor of the demo sees first: those of rep@ and her team, written by hand."""

from __future__ import annotations

from datetime import timedelta

from contacts.demo import firms, people
from crm.demo.atlas import countries

PEOPLE = """
Ingrid|NO|Ngozi|Okonkwo-Lindqvist|Head of Procurement|Nordlys Energi|Energy|customer|trade_fair|Key account,Renewal 2027
Ingrid|PT|Tomás|Ferreira da Silva|IT Director|Atlântico Seguros|Insurance|qualified|referral|Decision maker
Mehmet|TR|Ayşe|Demir|Purchasing Manager|Bosphorus Textiles|Textiles|customer|trade_fair|Speaks English
Ingrid|DK|Søren|Kjærgaard|Buyer|Nordlys Energi|Energy|lead|web_form|
Arjun|CN|Mei-Ling|Chow|Chief Financial Officer|Pearl Harbour Foods|Food|customer|partner|Reference
Arjun|IN|Rahul|Venkataraman|CTO|Deccan Cloudworks|Software|qualified|inbound_mail|Technical contact
Mehmet|HU|Zsófia|Kovács|Operations Manager|Danube Rail|Logistics|customer|campaign|Payment terms 60
Ingrid|FR|Jean-Baptiste|Moreau|Directeur général|Lumière Optique|Optics|qualified|trade_fair|Decision maker,Trade fair 2026
Arjun|JP|Hana|Kobayashi|Plant Manager|Hoshino Seiki|Manufacturing|customer|partner|Key account
Ingrid|FR|Fatima Zahra|Benali|Gérante|Atlas Agrumes|Agriculture|lapsed|cold_call|At risk
Mehmet|UA|Oleksandr|Shevchuk|Chief Engineer|Dnipro Steelworks|Manufacturing|lead|inbound_mail|
Ingrid|IE|Siobhán|Ní Bhriain|Lab Manager|Corrib Medical|Health care|qualified|referral|Pilot
Mehmet|PL|Mateusz|Wójcik|Logistics Coordinator|Wisła Logistics|Logistics|customer|inbound_call|
Arjun|US|Leilani|Kahananui|Founder|Mauna Solar|Energy|lapsed|web_form|
Ingrid|IT|Giulia|Bianchi|Responsabile acquisti|Adriatica Ceramiche|Manufacturing|customer|trade_fair|Christmas card
Arjun|NG|Kwame|Asante-Boateng|Legal Counsel|Volta Fintech|Finance|qualified|referral|Upsell
Arjun|AU|Linh|Nguyễn Thị|Export Manager|Mekong Delta Seafood|Fishing|lead|trade_fair|Trade fair 2026
Mehmet|DE|Anneliese|Vogt|Geschäftsführerin|Schwarzwald Optik|Optics|customer|referral|Reference,Newsletter
Ingrid|PT|Duarte|Vasconcelos|Owner|Quinta do Vale|Hospitality|lead|web_form|
Ingrid|CA|Élodie|Tremblay|Research Scientist|Montréal Biolabs|Pharmaceuticals|qualified|campaign|Webinar
Ingrid|NO|Knut|Aasen|Driftsleder|Havn & Havbruk|Fishing|customer|cold_call|Prefers calls
Ingrid|SE|Elin|Bergqvist|Head of IT|Solvik Data|Software|customer|referral|Key account,Reference
Ingrid|FI|Aino|Mäkelä|Procurement Manager|Tundra Timber|Construction|qualified|trade_fair|Trade fair 2026
Ingrid|NO|Sunniva|Haugen|Økonomisjef|Fjordbygg|Construction|customer|inbound_call|Renewal 2027
Ingrid|DE|Jonas|Petersen|Leiter Einkauf|Hansa Kühltechnik|Manufacturing|lead|campaign|
Ingrid|DK|Freja|Holst|Office Manager|Bech & Dahl|Consulting|lead|web_form|
Ingrid|DK|Søren|Kjaergaard||Nordlys Energi|Energy|lead|web_form|=Kjærgaard
Mehmet|DK|S.|Kjærgård||Nordlys Energi|Energy|lead|import|=Kjærgaard
"""


def show(batch, rng, most):
    """Add the people written by hand, at most `most` of them, changed last of all; return how many."""
    employers, shown = {}, {}
    rows = [line.split("|") for line in PEOPLE.strip().splitlines()][:most]
    for place, (holder, code, given, family, title, firm, industry, stage, source, tags) in enumerate(rows):
        owner, country = batch.firm.cast[holder], countries()[code]
        if firm not in employers:
            employers[firm] = firms.company(batch, rng, country, owner, firm, industry)
        row = people.person(
            batch, rng, country, owner, employers[firm],
            given_name=given, family_name=family, job_title=title, stage=stage, source=source,
            tags=[tag for tag in tags.split(",") if tag and tag[0] != "="],
            updated_at=batch.order.now - timedelta(minutes=11 + 37 * place),
        )  # fmt: skip
        shown[family] = row
        if tags[:1] != "=":
            _complete(batch, rng, row)
        if tags[:1] == "=":
            _label_copy(batch, row, shown[tags[1:]])
    return len(rows)


def _complete(batch, rng, row):
    """Give a person everything a record page shows."""
    if not row.demo.emails:
        people.add_email(batch, row, people.work_address(batch, rng, row), "work")
    if not row.demo.phones:
        people.add_phone(batch, row, row.demo.country.phone(rng, "mobile")[0], "mobile")
    if not row.demo.addresses:
        people.add_address(batch, row, row.company.demo.address("work"))


def _label_copy(batch, row, original):
    if not original.demo.is_copied:
        original.demo.is_copied = True
        batch.label(original, "duplicate", "original", original)
    batch.label(row, "duplicate", "transliteration" if len(row.given_name) > 2 else "initial", original)
    if original.demo.phones and not row.demo.phones:
        people.add_phone(batch, row, original.demo.phones[0].number, "mobile")
