# SPDX-License-Identifier: AGPL-3.0-or-later
"""The residents who have a name. The rest of the town is in the registers of the polls without one."""

import unicodedata
from dataclasses import dataclass

from .town import MARKET, MEADOWS, MILLSIDE, QUAY, STATION, WEAVERS

RIVERSIDE, HARBOUR = "riverside.demo", "harbour.demo"


@dataclass(frozen=True)
class Person:
    """Somebody with an account. The address is the first name: nobody here shares one."""

    name: str
    district: str = ""
    role: str = ""  # a value of assemblies.models.Role; empty for a resident
    language: str = ""
    verified: bool = True
    domain: str = RIVERSIDE

    @property
    def email(self) -> str:
        first = unicodedata.normalize("NFKD", self.name.split()[0]).encode("ascii", "ignore").decode().lower()
        return f"{first}@{self.domain}"


OFFICERS = (
    Person("Bao Nguyen", STATION, "facilitator"),
    Person("Sofia Lindqvist", MARKET, "secretary"),
    Person("Ewa Zielińska", WEAVERS, "evaluator"),
    Person("Dilnoza Rashidova", MILLSIDE, "evaluator"),
    Person("Mele Tupou", QUAY, "moderator"),
    Person("Kofi Mensah", WEAVERS, "clerk"),
    Person("Inês Carvalho", QUAY, "auditor"),
    Person("Adéla Nováková", MARKET, "administrator"),
)
AMINA = Person("Amina Haddad", MILLSIDE)
CHIDI = Person("Chidi Okafor", domain=HARBOUR, role="facilitator")

# Spanish speakers among them have chosen Spanish; most people leave the language to their browser.
_SPANISH = ("Lucía", "Marisol", "Jorge", "Tomás", "Pilar", "Mateo", "Ximena", "Rubén", "Carmen", "Emilio")

_RESIDENTS = {
    MILLSIDE: (
        "Piet Verhaegen", "Fatima Benali", "Goran Petrović", "Hanne Dubois", "Ibrahim Sesay", "Jolien Maes",
        "Karim Doğan", "Lucía Paredes", "Magda Wrona", "Nils Aaltonen", "Olena Kravets", "Paulo Teixeira",
        "Rachida Amrani", "Stefan Brandt", "Tomás Herrera", "Ulla Virtanen", "Viktor Dragan", "Wies Hoekstra",
        "Xiulan Deng", "Yasmina Touré", "Zoltán Farkas", "Agnes Thorne", "Bilal Chaudhry", "Cornelia Voss",
        "Dario Ricci", "Esi Amoah", "Florin Munteanu", "Griet Claessens", "Hamza Osmani", "Imke Janssen",
        "Jorge Aldana", "Kateryna Bondar", "Leif Sandvik", "Maryam Rostami", "Nkechi Eze", "Oskar Blom",
        "Priya Raman", "Raffaele Conti", "Selma Hodžić", "Thandi Ndlovu",
    ),
    WEAVERS: (
        "Anneli Saar", "Benedek Tóth", "Carmen Villalba", "Dawit Tesfaye", "Elif Şimşek", "Frans Peeters",
        "Gülşen Kaya", "Henrik Lund", "Isra Mahmoud", "João Figueira", "Kirsti Moen", "Lamin Ceesay",
        "Marisol Fuentes", "Nadia Slimani", "Orla Keane", "Petra Hrubá", "Quentin Lemaire", "Rubén Cordero",
    ),
    MARKET: (
        "Arjun Pillai", "Britt Wouters", "Clara Steiner", "Demir Şahin", "Elspeth Munro", "Faridah Noor",
        "Giulia Marchetti", "Hugo Lambert", "Ilse Goossens", "Jun Takeda", "Katrin Schäfer", "Lionel Mbeki",
        "Mireille Fontaine", "Noor Al-Sayed", "Pilar Ontiveros",
    ),
    QUAY: (
        "Aryeh Stern", "Bronagh Daly", "Corina Popescu", "Duc Pham", "Emilio Santacruz", "Freya Holm",
        "Gaspard Renier", "Hiba Khalil", "Ivo Marek", "Jasna Kovač", "Kwame Asante", "Liv Engen",
        "Mateo Quispe", "Nuru Juma",
    ),
    STATION: (
        "Abena Owusu", "Bram de Wit", "Cedric Nsengi", "Dorota Mazur", "Eamon Byrne", "Farhad Karimi",
        "Greta Olofsson", "Halima Diallo", "István Balogh", "Jamila Haidari", "Kasper Friis", "Lena Baumann",
        "Mirza Delić", "Ximena Rojas", "Oumar Keita",
    ),
    MEADOWS: (
        "Alois Huber", "Bente Skov", "Cyriel Baert", "Delphine Gros", "Egon Richter", "Femke Visser",
        "Gertrud Lang", "Haruki Mori", "Irena Kos", "Jef Willems", "Klaas Bakker", "Lotte Hermans",
    ),
}  # fmt: skip
_NOT_VERIFIED_YET = ("Oumar Keita", "Jun Takeda", "Thandi Ndlovu", "Nuru Juma")


def _resident(name: str, district: str) -> Person:
    language = "es" if name.split()[0] in _SPANISH else ""
    return Person(name, district, language=language, verified=name not in _NOT_VERIFIED_YET)


RESIDENTS = tuple(_resident(name, district) for district, names in _RESIDENTS.items() for name in names)
TOWN = (AMINA, *OFFICERS, *RESIDENTS)

_COOPERATORS = (
    "Wanda Firth", "Silvio Andrade", "Rosalind Achebe", "Tariq Mansour", "Birgit Falk", "Otis Warner", "Mei Castillo",
    "Pavel Horák", "Saoirse Flynn", "Anouk Marchand", "Lars Ekdahl",
)  # fmt: skip
COOPERATORS = (CHIDI, *(Person(name, domain=HARBOUR) for name in _COOPERATORS))
