"""The words of a course of the demo: reading a referral that came back. Made up, and without any patient in it."""

AUDIENCE = ("front_office", "medical_assistant", "practice_manager", "referral_care_coordinator")
TEXTS = {
    "title_en": "Reading a referral that came back",
    "title_es": "Cómo leer una remisión devuelta",
    "summary_en": "Four lessons for whoever sends referrals: why one comes back, what to correct, what to tell the "
    "patient, and how fewer come back.",
    "summary_es": "Cuatro lecciones para quien envía remisiones: por qué se devuelve una, qué corregir, qué decir al "
    "paciente y cómo lograr que se devuelvan menos.",
    "pass_mark": 75,
    "valid_for": 730,
}
LESSONS = (
    (
        "Returned is not denied",
        "A referral that came **back** was not decided. Something is missing or does not fit, and somebody wrote down "
        "what. It waits for you, and time passes for the patient.\n\nA **denied** referral was decided: it "
        "has a reason "
        "and a way to appeal, and correcting it changes nothing.\n\n## The first thing to look at\n\nRead the state, "
        "then the note. Whoever begins with the note corrects things that nobody asked for.",
        "Devuelta no es denegada",
        "Una remisión **devuelta** no se decidió. Falta algo o algo no concuerda, y alguien anotó qué. Lo "
        "espera a usted, y "
        "para el paciente pasa el tiempo.\n\nUna remisión **denegada** sí se decidió: tiene un motivo y una vía de "
        "apelación, y corregirla no cambia nada.\n\n## Lo primero que debe mirar\n\nLea el estado y después la nota. "
        "Quien empieza por la nota corrige cosas que nadie pidió.",
    ),
    (
        "The five usual reasons",
        "Most referrals come back for one of these:\n\n1. **Coverage**: on the day of the visit the patient "
        "is not with "
        "the plan that was named.\n2. **The specialist** is not in the network for that plan, or not at that "
        "location.\n3. **The service** needs a prior authorization of its own.\n4. **The records** do not "
        "show why it is "
        "needed: a note without a finding, a result without a date.\n5. **The identifiers** do not belong "
        "together: the "
        "NPI of one clinician, the tax ID of another practice.\n\nThe first two you can look up before you send; the "
        "last three are read by a person, who can only read what you have enclosed.",
        "Los cinco motivos habituales",
        "La mayoría de las remisiones se devuelven por uno de estos motivos:\n\n1. **Cobertura**: el día de "
        "la visita el "
        "paciente no tiene el plan que se indicó.\n2. **El especialista** no está en la red de ese plan, o no en ese "
        "lugar.\n3. **El servicio** necesita su propia autorización previa.\n4. **El expediente** no muestra por qué "
        "hace falta: una nota sin hallazgos, un resultado sin fecha.\n5. **Los identificadores** no concuerdan: el NPI "
        "de un médico y el número fiscal de otro consultorio.\n\nLos dos primeros los puede consultar antes de enviar; "
        "los otros tres los lee una persona, que solo puede leer lo que usted adjuntó.",
    ),
    (
        "Correct it, do not send another one",
        "Open the referral that came back and correct **that** one. It keeps its number, its date and its place in the "
        "queue. A second referral for the same visit goes to the end, and both are looked at together, which takes "
        "longer.\n\n- Change what the note asks for, and nothing else.\n- If the records were missing, add "
        "the page that "
        "shows the finding, not the whole chart.\n- Write one sentence that says what you changed.\n\nIf you do not "
        "understand the note, ask by *Contact Us* with the number of the referral. Do not name the patient there: the "
        "number is enough.",
        "Corríjala, no envíe otra",
        "Abra la remisión devuelta y corrija **esa**. Conserva su número, su fecha y su lugar en la fila. Una segunda "
        "remisión para la misma visita va al final, y las dos se revisan juntas, lo que tarda más.\n\n- Cambie lo que "
        "pide la nota y nada más.\n- Si faltaba el expediente, agregue la página que muestra el hallazgo, no "
        "la historia "
        "completa.\n- Escriba una frase que diga qué cambió.\n\nSi no entiende la nota, pregunte en "
        "*Comuníquese con nosotros* con el "
        "número de la remisión. No nombre allí al paciente: el número basta.",
    ),
    (
        "What you tell the patient",
        "The patient waits for a call, not for an explanation of codes. Three things help:\n\n- **That it "
        "came back, and "
        "is being corrected.** It was not denied.\n- **Whether the visit stands.** If it is in the next days, call the "
        "specialist before you call the patient.\n- **When you will call again.** Name a day, and keep it.\n\n## So "
        "that fewer come back\n\nAt the end of the month look at what came back, and sort it by reason. One reason "
        "usually makes half of them; it is worth a line on the form that your office uses.",
        "Qué le dice al paciente",
        "El paciente espera una llamada, no una explicación de códigos. Tres cosas ayudan:\n\n- **Que se devolvió y se "
        "está corrigiendo.** No fue denegada.\n- **Si la visita se mantiene.** Si es en los próximos días, llame al "
        "especialista antes de llamar al paciente.\n- **Cuándo volverá a llamar.** Diga un día y cúmplalo.\n\n## Para "
        "que se devuelvan menos\n\nAl final del mes mire lo que se devolvió y ordénelo por motivo. Un motivo suele "
        "causar la mitad; vale la pena una línea en el formulario que usa su consultorio.",
    ),
)
QUESTIONS = (
    (
        1, "A referral came back. What does that mean?", "Una remisión fue devuelta. ¿Qué significa?", False,
        (
            ("It was denied; there is an appeal.", "Fue denegada; se puede apelar.", False),
            ("It was not decided: something is missing, and it waits for me.",
             "No se decidió: falta algo y me espera a mí.", True),
            ("It was approved for another day.", "Fue aprobada para otro día.", False),
        ),
    ),
    (
        1, "What do you read first?", "¿Qué lee usted primero?", False,
        (
            ("The note", "La nota", False),
            ("The state", "El estado", True),
            ("The records", "El expediente", False),
        ),
    ),
    (
        2, "What can you look up yourself before you send a referral?",
        "¿Qué puede consultar usted mismo antes de enviar una remisión?", True,
        (
            ("Whether the patient has the plan on the day of the visit",
             "Si el paciente tiene el plan el día de la visita", True),
            ("Whether the specialist is in the network at that location",
             "Si el especialista está en la red en ese lugar", True),
            ("How the reviewer will read the records", "Cómo leerá el expediente la persona que lo revisa", False),
        ),
    ),
    (
        3, "Why do you correct the referral instead of sending a second one?",
        "¿Por qué se corrige la remisión en lugar de enviar otra?", False,
        (
            ("It keeps its number and its place in the queue.", "Conserva su número y su lugar en la fila.", True),
            ("A second one is denied at once.", "La segunda se deniega de inmediato.", False),
            ("Only one can be sent in a month.", "Solo se puede enviar una por mes.", False),
        ),
    ),
    (
        3, "You ask about a note by “Contact Us”. What do you name?",
        "Usted pregunta por una nota en «Comuníquese con nosotros». ¿Qué indica?", False,
        (
            ("The patient’s name and date of birth", "El nombre y la fecha de nacimiento del paciente", False),
            ("The number of the referral", "El número de la remisión", True),
            ("Nothing: they find it by my name", "Nada: la encuentran por mi nombre", False),
        ),
    ),
    (
        4, "What does the patient hear from you?", "¿Qué le dice usted al paciente?", True,
        (
            ("That the referral is being corrected", "Que la remisión se está corrigiendo", True),
            ("Whether the visit stands", "Si la visita se mantiene", True),
            ("The code of the reason", "El código del motivo", False),
            ("When I will call again", "Cuándo volveré a llamar", True),
        ),
    ),
)  # fmt: skip
