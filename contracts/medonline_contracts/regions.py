"""The catalogue of regions: the subjects of the federation by their ISO 3166-2:RU codes.

ISO 3166-2:RU lists 83 of them. The six that it does not list under RU carry codes of the same form, marked below,
so that every region of the portal has one.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Region:
    """One region: its code (`RU-STA`) and its official name."""

    code: str
    name: str


_CATALOGUE = """
RU-AD Республика Адыгея
RU-AL Республика Алтай
RU-BA Республика Башкортостан
RU-BU Республика Бурятия
RU-CE Чеченская Республика
RU-CU Чувашская Республика
RU-DA Республика Дагестан
RU-IN Республика Ингушетия
RU-KB Кабардино-Балкарская Республика
RU-KL Республика Калмыкия
RU-KC Карачаево-Черкесская Республика
RU-KR Республика Карелия
RU-KK Республика Хакасия
RU-KO Республика Коми
RU-ME Республика Марий Эл
RU-MO Республика Мордовия
RU-SA Республика Саха (Якутия)
RU-SE Республика Северная Осетия — Алания
RU-TA Республика Татарстан
RU-TY Республика Тыва
RU-UD Удмуртская Республика
RU-ALT Алтайский край
RU-KAM Камчатский край
RU-KHA Хабаровский край
RU-KDA Краснодарский край
RU-KYA Красноярский край
RU-PER Пермский край
RU-PRI Приморский край
RU-STA Ставропольский край
RU-ZAB Забайкальский край
RU-AMU Амурская область
RU-ARK Архангельская область
RU-AST Астраханская область
RU-BEL Белгородская область
RU-BRY Брянская область
RU-CHE Челябинская область
RU-IRK Иркутская область
RU-IVA Ивановская область
RU-KGD Калининградская область
RU-KLU Калужская область
RU-KEM Кемеровская область — Кузбасс
RU-KIR Кировская область
RU-KOS Костромская область
RU-KGN Курганская область
RU-KRS Курская область
RU-LEN Ленинградская область
RU-LIP Липецкая область
RU-MAG Магаданская область
RU-MOS Московская область
RU-MUR Мурманская область
RU-NIZ Нижегородская область
RU-NGR Новгородская область
RU-NVS Новосибирская область
RU-OMS Омская область
RU-ORE Оренбургская область
RU-ORL Орловская область
RU-PNZ Пензенская область
RU-PSK Псковская область
RU-ROS Ростовская область
RU-RYA Рязанская область
RU-SAK Сахалинская область
RU-SAM Самарская область
RU-SAR Саратовская область
RU-SMO Смоленская область
RU-SVE Свердловская область
RU-TAM Тамбовская область
RU-TOM Томская область
RU-TUL Тульская область
RU-TVE Тверская область
RU-TYU Тюменская область
RU-ULY Ульяновская область
RU-VLA Владимирская область
RU-VGG Волгоградская область
RU-VLG Вологодская область
RU-VOR Воронежская область
RU-YAR Ярославская область
RU-MOW Москва
RU-SPE Санкт-Петербург
RU-YEV Еврейская автономная область
RU-CHU Чукотский автономный округ
RU-KHM Ханты-Мансийский автономный округ — Югра
RU-NEN Ненецкий автономный округ
RU-YAN Ямало-Ненецкий автономный округ
"""
_NOT_IN_ISO = """
RU-CR Республика Крым
RU-SEV Севастополь
RU-DON Донецкая Народная Республика
RU-LUG Луганская Народная Республика
RU-ZAP Запорожская область
RU-KHE Херсонская область
"""

REGIONS: dict[str, Region] = {
    code: Region(code, name)
    for code, name in (line.split(" ", 1) for line in (_CATALOGUE + _NOT_IN_ISO).split("\n") if line)
}
