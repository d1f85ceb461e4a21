"""What the demo has of News & Alerts in Optum Pro: a regulatory item that one of a practice has confirmed, news for one
market and for one role, and an item that waits for its publisher. All of it is made up."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from identity.models import Account

PORTAL = "optum-pro"
PROPOSER, PUBLISHER, READER = "desk.one", "desk.two", "ben.ortiz"
# How many days ago it was published (None: not yet), whether it is regulatory, roles, markets, and both languages.
ITEMS: tuple[tuple[int | None, bool, tuple[str, ...], tuple[str, ...], tuple[str, str], tuple[str, str]], ...] = (
    (
        3, True, (), (),
        (
            "Prior authorization answers: shorter deadlines from January 1",
            "From **January 1** on a standard request is answered within seven calendar days, an urgent one within 72 "
            "hours.\n\n## What you do\n\n- Send complete records with the request.\n- Mark a request as urgent only "
            "when waiting puts the patient at risk.\n- Show this page to everybody who sends requests.",
        ),
        (
            "Respuestas a las autorizaciones previas: plazos más cortos desde el 1 de enero",
            "Desde el **1 de enero** una solicitud normal se responde en siete días naturales y una urgente en 72 "
            "horas.\n\n## Qué debe hacer usted\n\n- Envíe el expediente completo con la solicitud.\n- Marque una "
            "solicitud como urgente solo si la espera pone en riesgo al paciente.\n- Muestre esta página a todos los "
            "que envían solicitudes.",
        ),
    ),
    (
        2, False, (), ("CA",),
        (
            "California: new address for claim appeals",
            "Appeals of practices in California go to a new address. It stands on the letter that you answer, and on "
            "the page of the claim.",
        ),
        (
            "California: nueva dirección para las apelaciones",
            "Las apelaciones de los consultorios de California se envían a una nueva dirección. Figura en la carta que "
            "usted responde y en la página de la reclamación.",
        ),
    ),
    (
        5, False, (), (),
        (
            "Flu season: the weekly call begins again",
            "Every Thursday at noon our medical directors answer questions about flu and other infections of the "
            "season. *Nobody needs to register.*",
        ),
        (
            "Temporada de gripe: vuelve la llamada semanal",
            "Todos los jueves al mediodía nuestros directores médicos responden preguntas sobre la gripe y otras "
            "infecciones de la temporada. *No hace falta inscribirse.*",
        ),
    ),
    (
        1, False, ("billing_specialist", "practice_manager"), (),
        (
            "Office hours for billing questions",
            "On the first Tuesday of each month you can ask a colleague of ours about claims that were returned. "
            "Bring the number of the claim, and nothing about the patient.",
        ),
        (
            "Horario de consultas sobre facturación",
            "El primer martes de cada mes usted puede preguntar a un colega nuestro por las reclamaciones devueltas. "
            "Traiga el número de la reclamación y ningún dato del paciente.",
        ),
    ),
    (
        None, True, ("practice_manager", "site_admin"), (),
        (
            "Yearly attestation of your practice's addresses",
            "By the end of February each practice confirms its addresses, telephone numbers and hours.",
        ),
        (
            "Confirmación anual de las direcciones de su consultorio",
            "Hasta finales de febrero cada consultorio confirma sus direcciones, teléfonos y horarios.",
        ),
    ),
)  # fmt: skip


def seed(accounts: dict[str, "Account"], now: datetime) -> None:
    """Make all of it by the same calls as the pages do."""
    from portals.inside.domain import news, news_items

    for ago, is_regulatory, roles, markets, english, spanish in ITEMS:
        at = now - timedelta(days=ago or 0)
        draft = _draft(at, is_regulatory, roles, markets, english, spanish)
        item = news_items.propose(portal=_portal(), draft=draft, by=accounts[PROPOSER], now=at)
        if ago is not None:
            news_items.publish(item=item, by=accounts[PUBLISHER], now=at)
            if is_regulatory:
                news.acknowledge(item=item, by=accounts[READER], now=now)


def _draft(
    at: datetime, is_regulatory: bool, roles: tuple[str, ...], markets: tuple[str, ...],
    english: tuple[str, str], spanish: tuple[str, str],
) -> Any:  # fmt: skip
    from portals.inside.domain import audiences
    from portals.inside.domain.news_items import Draft

    (title_en, text_en), (title_es, text_es) = english, spanish
    return Draft(
        title_en=title_en, text_en=text_en, title_es=title_es, text_es=text_es, is_regulatory=is_regulatory,
        since=at, until=None, pairs=audiences.pairs_of(roles=roles, markets=markets),
    )  # fmt: skip


def _portal() -> Any:
    from portals import registry

    return registry.get(PORTAL)
