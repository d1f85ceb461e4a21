"""The words of a course of the demo: keeping your ID safe. All of it holds for this product."""

AUDIENCE: tuple[str, ...] = ()  # every role
TEXTS = {
    "title_en": "Keeping your ID safe",
    "title_es": "Cómo proteger su ID",
    "summary_en": "Four short lessons for everybody who signs in: one person and one ID, codes, shared computers, and "
    "what to do when something is wrong.",
    "summary_es": "Cuatro lecciones breves para todas las personas que inician sesión: una persona y un ID, los "
    "códigos, "
    "las computadoras compartidas y qué hacer cuando algo va mal.",
    "pass_mark": 80,
    "valid_for": 365,
}
LESSONS = (
    (
        "One person, one ID",
        "Your ID stands for **you**, not for your office and not for your desk. What is done with it counts as done by "
        "you, and it can be looked up later.\n\n## What follows from that\n\n- Nobody else works with your ID, a "
        "colleague who stands in for you either. They ask for an ID and access of their own.\n- When you change your "
        "employer, you keep the ID. Your access to the old practice ends; your administrator there sees to that.\n- An "
        "address that only you read belongs to it. Whoever reads its mail can ask for a new password.\n\n## If an ID "
        "was shared\n\nChange your password now, on *My Profile*. Then help your colleague to get access: it usually "
        "takes a form or an invitation, not a favor.",
        "Una persona, un ID",
        "Su ID lo representa **a usted**, no a su consultorio ni a su escritorio. Lo que se hace con él "
        "cuenta como hecho "
        "por usted y puede consultarse más adelante.\n\n## Qué significa esto\n\n- Nadie más trabaja con su "
        "ID, tampoco "
        "el colega que lo reemplaza. Esa persona pide su propio ID y su propio acceso.\n- Si cambia de empleador, "
        "conserva el ID. Su acceso al consultorio anterior termina; de eso se ocupa el administrador de allí.\n- Le "
        "corresponde una dirección que solo usted lea. Quien lee ese correo puede pedir una contraseña nueva.\n\n## Si "
        "un ID se compartió\n\nCambie su contraseña ahora, en *Mi perfil*. Después ayude a su colega a obtener acceso: "
        "por lo general basta con un formulario o una invitación, no con un favor.",
    ),
    (
        "Codes are for your eyes only",
        "Beside the password we ask for something that only you have: a passkey, a code of your authenticator, a text "
        "or a call.\n\n## What nobody asks you for\n\nThe service desk **never** asks for your password or for a code, "
        "on the telephone or by mail. Whoever does is somebody else, however well they know your name and your "
        "practice. Hang up, and call the number that stands on our pages.\n\n## Codes that you did not ask for\n\nA "
        "code that comes by itself means that somebody has typed your password. It helps them as long as you keep it "
        "to yourself. Do not answer it; change your password.\n\n## Why a passkey is better\n\nA passkey works on our "
        "real pages only. A false page can copy our colors, but it cannot make use of your passkey.",
        "Los códigos son solo para usted",
        "Además de la contraseña pedimos algo que solo usted tiene: una llave de acceso, un código de su "
        "autenticador, un "
        "mensaje de texto o una llamada.\n\n## Lo que nadie le pide\n\nLa mesa de servicio **nunca** le pide su "
        "contraseña ni un código, ni por teléfono ni por correo. Quien lo hace es otra persona, por bien que "
        "conozca su "
        "nombre y su consultorio. Cuelgue y llame al número que figura en nuestras páginas.\n\n## Códigos que usted no "
        "pidió\n\nUn código que llega solo significa que alguien escribió su contraseña. No le sirve de nada mientras "
        "usted no se lo dé. No lo responda; cambie su contraseña.\n\n## Por qué es mejor una llave de acceso\n\nUna "
        "llave de acceso solo funciona en nuestras páginas verdaderas. Una página falsa puede copiar nuestros colores, "
        "pero no puede usar su llave.",
    ),
    (
        "At a computer that others use",
        "Many offices have one computer for several people. Three habits are enough.\n\n- **Log off** when you leave, "
        "even for a coffee. A session that nobody uses ends after 30 minutes; until then it is open to whoever sits "
        "down.\n- Do not let us remember the device there: *Skip this step next time* is for your own computer.\n- Do "
        "not let the browser keep your password if the computer has one account for everybody.\n\n## When you have "
        "forgotten to log off\n\nSign in anywhere else and open *Where you are signed in*. There you can end "
        "what is still open at the "
        "other place, at once.",
        "En una computadora que usan otras personas",
        "Muchos consultorios tienen una computadora para varias personas. Tres costumbres bastan.\n\n- **Cierre la "
        "sesión** cuando se vaya, aunque sea por un café. Una sesión que nadie usa termina a los 30 minutos; hasta "
        "entonces está abierta para quien se siente allí.\n- No permita que recordemos ese dispositivo: *Omitir este "
        "paso la próxima vez* es para su propia computadora.\n- No permita que el navegador guarde su contraseña si la "
        "computadora tiene una sola cuenta para todos.\n\n## Si olvidó cerrar la sesión\n\nInicie sesión en cualquier "
        "otro lugar y abra *Dónde ha iniciado sesión*. Allí puede terminar de inmediato lo que siga abierto "
        "en el otro sitio.",
    ),
    (
        "When something is wrong",
        "We write to you when a new device signs in with your ID, and when a sign-in method, an address or "
        "the password "
        "changes. Read these messages; they are short on purpose.\n\n## If it was not you\n\n1. Press *This "
        "was not me* "
        "in the message. Your sessions end, and what was changed since is taken back.\n2. Choose a new password that "
        "you use nowhere else.\n3. Tell your administrator, so that they know which work to look at.\n\n## If you are "
        "not sure\n\nDo it all the same. A new password costs two minutes. Nobody is blamed for asking too early.",
        "Cuando algo va mal",
        "Le escribimos cuando un dispositivo nuevo inicia sesión con su ID y cuando cambian un método de "
        "inicio de sesión, "
        "una dirección o la contraseña. Lea esos mensajes; son breves a propósito.\n\n## Si no fue "
        "usted\n\n1. Presione "
        "*No fui yo* en el mensaje. Sus sesiones terminan y se revierte lo que se cambió desde entonces.\n2. Elija una "
        "contraseña nueva que no use en ningún otro lugar.\n3. Avise a su administrador, para que sepa qué "
        "trabajo debe "
        "revisar.\n\n## Si no está seguro\n\nHágalo de todos modos. Una contraseña nueva cuesta dos minutos. "
        "A nadie se "
        "le reprocha preguntar demasiado pronto.",
    ),
)
# The number of the lesson, the question in both languages, whether several are right, and the choices.
QUESTIONS = (
    (
        1, "A colleague stands in for you for a week. What do you do?",
        "Un colega lo reemplaza durante una semana. ¿Qué hace usted?", False,
        (
            ("They ask for an ID and access of their own.", "Pide su propio ID y su propio acceso.", True),
            ("I lend my ID, and change the password afterwards.",
             "Le presto mi ID y después cambio la contraseña.", False),
            ("I sign in for them each morning.", "Inicio sesión por él cada mañana.", False),
        ),
    ),
    (
        1, "You change your employer. What happens to your ID?",
        "Usted cambia de empleador. ¿Qué pasa con su ID?", False,
        (
            ("It belongs to the old practice.", "Pertenece al consultorio anterior.", False),
            ("I keep it; my access to the old practice ends.",
             "Lo conservo; mi acceso al consultorio anterior termina.", True),
            ("I need a new one for each employer.", "Necesito uno nuevo para cada empleador.", False),
        ),
    ),
    (
        2, "Somebody from “the service desk” calls and asks for the code that you have just got. What do you do?",
        "Alguien de «la mesa de servicio» llama y le pide el código que acaba de recibir. ¿Qué hace usted?", False,
        (
            ("I read it out: they know my name and my practice.",
             "Se lo leo: conoce mi nombre y mi consultorio.", False),
            ("I hang up, and call the number on the pages.",
             "Cuelgo y llamo al número que figura en las páginas.", True),
            ("I give them half of it.", "Le doy la mitad.", False),
        ),
    ),
    (
        2, "Why is a passkey safer than a code?",
        "¿Por qué es más segura una llave de acceso que un código?", False,
        (
            ("It is longer.", "Es más larga.", False),
            ("It works on our real pages only.", "Solo funciona en nuestras páginas verdaderas.", True),
            ("It never has to be replaced.", "Nunca hay que reemplazarla.", False),
        ),
    ),
    (
        3, "What do you do at a computer that others use, too?",
        "¿Qué hace usted en una computadora que también usan otras personas?", True,
        (
            ("I log off whenever I leave it.", "Cierro la sesión cada vez que me voy.", True),
            ("I do not let it be remembered as my device.",
             "No permito que se recuerde como mi dispositivo.", True),
            ("I let the browser keep my password.", "Permito que el navegador guarde mi contraseña.", False),
        ),
    ),
    (
        4, "A message says that a new device has signed in with your ID, and it was not you. What comes first?",
        "Un mensaje dice que un dispositivo nuevo inició sesión con su ID y no fue usted. ¿Qué es lo primero?", False,
        (
            ("I press “This was not me” in the message.", "Presiono «No fui yo» en el mensaje.", True),
            ("I wait whether it happens again.", "Espero a ver si vuelve a ocurrir.", False),
            ("I delete the message.", "Borro el mensaje.", False),
        ),
    ),
)  # fmt: skip
