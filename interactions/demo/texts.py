# ruff: noqa: E501
"""What is said in made-up calls, mails, meetings and notes. {topic}, {month}, {n}, {amount}, {day} and {given} are filled in."""

from __future__ import annotations

TOPICS = {
    "en": (
        "the renewal|the yearly contract|the price list|spare parts|the pilot|delivery dates|the new warehouse|the quote|volumes for next year|"
        "the training|the invoice|the security review|the second site|the reorder|the maintenance plan|the roll-out|the sample order|"
        "the starter package|payment terms|the integration|the tender|the service report|the product demo|the framework agreement"
    ),
    "de": "die Verlängerung|das Angebot|die Preisliste|die Liefertermine|den Rahmenvertrag|die Schulung|die Rechnung|die Nachbestellung|den Testlauf|das neue Lager|die Wartung",
    "no": "fornyelsen|tilbudet|prislisten|leveringstiden|rammeavtalen|opplæringen|fakturaen|etterbestillingen|piloten|det nye lageret",
    "fr": "le renouvellement|le devis|la liste de prix|les délais de livraison|le contrat annuel|la formation|la facture|l'essai|la maintenance|le nouvel entrepôt",
    "es": "la renovación|la oferta|la lista de precios|los plazos de entrega|el contrato anual|la formación|la factura|la prueba piloto|el mantenimiento|el nuevo almacén",
}
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "no": "januar februar mars april mai juni juli august september oktober november desember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}
WEEKDAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday",
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag",
    "no": "mandag tirsdag onsdag torsdag fredag",
    "fr": "lundi mardi mercredi jeudi vendredi",
    "es": "lunes martes miércoles jueves viernes",
}
REACHED = {
    "en": """Talked about {topic}; {given} likes the direction.
Budget for {topic} is approved, about {amount}.
Wants {topic} settled before the end of {month}.
Asked for a price per site, {n} sites in all.
They compare us with two others, decision in {month}.
{given} needs a one-page summary for the board.
Happy with the last delivery, nothing open.
Complained that {topic} took {n} days too long; promised an answer by {day}.
Went through {topic} line by line, three questions left.
They have to save {n} percent this year and ask what we can do.
New colleague takes over {topic} from {month}.
Not the right moment, asked to be called again in {month}.
Wants to start small: {n} units, then the rest.
Interested in {topic}, but the contract with the other supplier runs until {month}.
Legal has {topic} on the desk, answer expected by {day}.
Asked whether we deliver on Saturdays as well.
They grow: {n} new people since {month}.
Confirmed the meeting on {day}, bring samples.
Can sign up to {amount} alone, above that it takes two.
Price is fine, delivery is what matters to them.
Very friendly call. {topic} is as good as agreed.
Short on time; agreed to talk about {topic} on {day}.
Needs the figures of {month} once more, by mail.
Their order system changes in {month}, until then everything by mail.
Wants a reference from the same industry before deciding.""",
    "de": """Über {topic} gesprochen, {given} ist grundsätzlich einverstanden.
Budget ist freigegeben, rund {amount}.
Möchte bis Ende {month} eine Entscheidung.
Vergleicht uns mit zwei anderen Anbietern.
Mit der letzten Lieferung zufrieden, nichts offen.
Hat sich beschwert, dass es {n} Tage zu lange gedauert hat; Antwort bis {day} zugesagt.
Gerade ungünstig, Rückruf im {month} gewünscht.
Braucht eine Seite Zusammenfassung für die Geschäftsführung.
Will klein anfangen: {n} Stück, dann der Rest.
Termin am {day} bestätigt, Muster mitbringen.""",
    "no": """Snakket om {topic}, {given} er positiv.
Budsjettet er godkjent, omtrent {amount}.
Vil ha en avgjørelse før utgangen av {month}.
Sammenligner oss med to andre leverandører.
Fornøyd med siste leveranse, ingenting åpent.
Passer dårlig nå, vil bli ringt opp i {month}.
Trenger en kort oppsummering til styret.
Bekreftet møtet på {day}, ta med prøver.
Klaget på {n} dagers forsinkelse; lovet svar innen {day}.""",
    "fr": """Parlé de {topic}, {given} est plutôt d'accord.
Budget validé, environ {amount}.
Souhaite une décision avant fin {month}.
Nous compare à deux autres fournisseurs.
Satisfait de la dernière livraison, rien en suspens.
Pas le bon moment, rappeler en {month}.
A besoin d'une synthèse d'une page pour la direction.
Rendez-vous de {day} confirmé, apporter des échantillons.
S'est plaint de {n} jours de retard ; réponse promise pour {day}.""",
    "es": """Hablamos de {topic}; a {given} le parece bien.
Presupuesto aprobado, unos {amount}.
Quiere una decisión antes de finales de {month}.
Nos compara con otros dos proveedores.
Contento con la última entrega, nada pendiente.
No es buen momento, volver a llamar en {month}.
Necesita un resumen de una página para la dirección.
Confirmada la reunión del {day}, llevar muestras.
Se quejó de {n} días de retraso; respuesta prometida para el {day}.""",
}
CLOSERS = {
    "en": """I send the offer by {day}.
Call back on {day}.
Next step: visit in {month}.
Will bring a colleague from product next time.
Sent the price list right after the call.
Put {topic} on the list for {month}.
Waiting for their answer.
Nothing more to do for now.
Check with finance before promising anything.
They come back to us.
Keep it short next time, {given} was in a meeting.""",
    "de": "Angebot bis {day} schicken.\nAm {day} zurückrufen.\nNächster Schritt: Besuch im {month}.\nPreisliste direkt danach geschickt.\nWarten auf Antwort.",
    "no": "Sender tilbud innen {day}.\nRinger tilbake på {day}.\nNeste steg: besøk i {month}.\nVenter på svar.",
    "fr": "J'envoie l'offre avant {day}.\nRappeler {day}.\nProchaine étape : visite en {month}.\nEn attente de réponse.",
    "es": "Envío la oferta antes del {day}.\nVolver a llamar el {day}.\nSiguiente paso: visita en {month}.\nA la espera de respuesta.",
}
CALL_SUBJECTS = {
    "en": "About {topic}|Call about {topic}|{topic}, status|Short call, {topic}|Follow-up on {topic}|First call|Check-in|Question about {topic}",
    "de": "Wegen {topic}|Rückruf, {topic}|Kurzes Telefonat|Nachfrage, {topic}|Erstgespräch",
    "no": "Om {topic}|Oppfølging, {topic}|Kort samtale|Første samtale",
    "fr": "Au sujet de {topic}|Suivi, {topic}|Premier appel|Point rapide",
    "es": "Sobre {topic}|Seguimiento, {topic}|Primera llamada|Llamada breve",
}
MAIL_SUBJECTS = {
    "en": (
        "Your quote, {n} options|Re: {topic}|Prices for {month}|Thank you for the talk|Documents as promised|Minutes of our meeting|Delivery in {month}|"
        "Offer {n}0{n}|Re: question about {topic}|Invitation to the webinar in {month}|Updated terms|Confirmation of your order"
    ),
    "de": "Ihr Angebot|AW: {topic}|Unterlagen wie besprochen|Preise ab {month}|Protokoll unseres Termins|Vielen Dank für das Gespräch|Liefertermin im {month}",
    "no": "Tilbudet ditt|SV: {topic}|Dokumenter som avtalt|Priser fra {month}|Takk for praten|Referat fra møtet",
    "fr": "Votre devis|RE: {topic}|Documents promis|Tarifs à partir de {month}|Merci pour l'échange|Compte rendu de notre rendez-vous",
    "es": "Su presupuesto|RE: {topic}|Documentos prometidos|Precios desde {month}|Gracias por la conversación|Acta de la reunión",
}
MAILS = {
    "en": """Dear {given}, as discussed on {day} you find the offer for {topic} attached. It holds until the end of {month}.
Hello {given}, here are the three options for {topic}. The middle one is what most of our customers take.
Hi {given}, thank you for your time on {day}. I have put down what we agreed about {topic}; tell me if I got anything wrong.
Dear {given}, the delivery of {n} pallets leaves our warehouse on {day}.
Good morning, could you send me the current prices for {topic}? We would need {n} pieces in {month}.
Thank you, received. We discuss {topic} on {day} and come back to you.
Please change the invoice address to our new office, the old one is closed since {month}.
We are still waiting for an answer about {topic}. When can we expect it?
Attached the signed copy. Looking forward to working together.
Dear {given}, our terms change in {month}. For you nothing gets dearer; the table shows it line by line.
Could we move our meeting to {day}? The room is booked until noon.
Who is my contact for {topic} while you are away?
The samples arrived in good shape. Production tests them until {day}.
Hello {given}, the answers to your {n} questions are below, in your order.
We have decided for another supplier this time. Thank you for the effort, and ask again in {month}.""",
    "de": """Guten Tag, wie am {day} besprochen finden Sie anbei das Angebot. Es gilt bis Ende {month}.
Vielen Dank für das Gespräch am {day}. Ich habe zusammengefasst, was wir vereinbart haben.
Könnten Sie uns bitte die aktuellen Preise schicken? Wir bräuchten {n} Stück im {month}.
Danke, angekommen. Wir besprechen das am {day} und melden uns.
Bitte ändern Sie die Rechnungsanschrift auf unser neues Büro.
Anbei das unterschriebene Exemplar. Auf gute Zusammenarbeit.
Die Muster sind gut angekommen, die Produktion testet bis {day}.""",
    "no": """Hei {given}, som avtalt på {day} ligger tilbudet vedlagt. Det gjelder ut {month}.
Takk for praten på {day}. Her er det vi ble enige om.
Kan du sende oppdaterte priser? Vi trenger {n} stykk i {month}.
Takk, mottatt. Vi tar det opp på {day} og kommer tilbake.
Vedlagt signert kopi. Gleder oss til samarbeidet.""",
    "fr": """Bonjour {given}, comme convenu {day}, vous trouverez l'offre en pièce jointe. Elle est valable jusqu'à fin {month}.
Merci pour votre temps {day}. Voici ce dont nous sommes convenus.
Pourriez-vous nous envoyer vos tarifs actuels ? Il nous faudrait {n} pièces en {month}.
Merci, bien reçu. Nous en parlons {day} et revenons vers vous.
Ci-joint l'exemplaire signé.""",
    "es": """Buenos días {given}: como hablamos el {day}, adjunto la oferta. Es válida hasta finales de {month}.
Gracias por su tiempo el {day}. Resumo lo acordado.
¿Podría enviarnos los precios actuales? Necesitaríamos {n} unidades en {month}.
Recibido, gracias. Lo tratamos el {day} y le decimos algo.
Adjunto la copia firmada.""",
}
MEETING_SUBJECTS = {
    "en": "Quarterly review|Visit at the plant|Demo of {topic}|Kick-off|Workshop on {topic}|Lunch with {given}|Video call about {topic}|Contract talk|Site tour|Trade fair talk",
    "de": "Quartalsgespräch|Besuch vor Ort|Vorführung|Auftakt|Workshop|Vertragsgespräch|Messegespräch",
    "no": "Kvartalsmøte|Besøk hos kunden|Demo|Oppstartsmøte|Videomøte om {topic}|Avtalemøte",
    "fr": "Revue trimestrielle|Visite sur site|Démonstration|Lancement|Atelier|Négociation du contrat",
    "es": "Revisión trimestral|Visita a planta|Demostración|Reunión de inicio|Taller|Negociación del contrato",
}
MEETINGS = {
    "en": """Present: {given} and two from production. Main point was {topic}.
Walked through the plant; the old line goes in {month}.
Showed {topic}. Most questions were about data and who may see it.
Agreed on {n} milestones, the first one in {month}.
They want one contract for all sites and a price per site.
Discussed {topic} and the volumes for next year, about {amount}.
Good talk, long silence when the price came up.
Finance joined late and asked for payment in {n} parts.
Wrote the open points on one page, {n} of them are ours.
Competitor was there the week before with a lower price but longer delivery.
They showed us the new building; moving in {month}.""",
    "de": """Anwesend: {given} und zwei aus der Produktion. Hauptthema war {topic}.
Rundgang durch das Werk; die alte Anlage geht im {month}.
{n} Meilensteine vereinbart, der erste im {month}.
Gutes Gespräch, langes Schweigen beim Preis.
Offene Punkte auf einer Seite festgehalten, {n} davon liegen bei uns.""",
    "no": """Til stede: {given} og to fra produksjonen. Hovedtema var {topic}.
Omvisning på anlegget; den gamle linjen går i {month}.
Ble enige om {n} milepæler, den første i {month}.
Godt møte, lang stillhet da prisen kom opp.""",
    "fr": """Présents : {given} et deux personnes de la production. Sujet principal : {topic}.
Visite de l'usine ; l'ancienne ligne part en {month}.
{n} étapes fixées, la première en {month}.
Bon échange, long silence au moment du prix.""",
    "es": """Presentes: {given} y dos de producción. Tema principal: {topic}.
Visita a la planta; la línea vieja se retira en {month}.
Acordados {n} hitos, el primero en {month}.
Buena reunión, largo silencio al hablar del precio.""",
}
NOTES = {
    "en": """{given} is on leave until {month}.
Saw in the news that they open a site in {month}.
Asked finance about the limit: {amount} is fine.
Reception says to call before ten.
Price agreed internally: minus {n} percent, not more.
Found {given} on the list of speakers for the fair in {month}.
Mail address bounced once, then worked again.
They paid the open invoice after {n} days.
Remember: {topic} only together with maintenance.
Assistant is the one to talk to about dates.
New management since {month}, go slowly.
Talked to a colleague who knows {given} well.""",
    "de": "{given} ist bis {month} im Urlaub.\nIntern abgestimmt: höchstens {n} Prozent Nachlass.\nEmpfang bittet um Anrufe vor zehn.\nOffene Rechnung nach {n} Tagen bezahlt.",
    "no": "{given} har ferie til {month}.\nAvklart internt: maks {n} prosent rabatt.\nSentralbordet ber om at vi ringer før ti.",
    "fr": "{given} en congé jusqu'en {month}.\nVu en interne : {n} % de remise au plus.\nL'accueil préfère qu'on appelle avant dix heures.",
    "es": "{given} de vacaciones hasta {month}.\nHablado internamente: como mucho un {n} % de descuento.\nRecepción pide llamar antes de las diez.",
}
UNREACHED = {
    "en": """No answer, try again in the afternoon.
Rang out twice.
In a meeting until four.
Left a message with the assistant.
Mailbox: asked for a call back about {topic}.
Line busy, sent a short mail instead.
On holiday until {day}.
Somebody else answered, {given} is back on {day}.""",
    "de": "Niemand erreicht, nachmittags noch einmal.\nAuf Band gesprochen.\nIn einer Besprechung bis vier.\nIst am {day} wieder da.",
    "no": "Ikke svar, prøver igjen i ettermiddag.\nLa igjen beskjed.\nI møte til fire.\nTilbake på {day}.",
    "fr": "Pas de réponse, réessayer l'après-midi.\nMessage laissé à l'assistante.\nDe retour {day}.",
    "es": "No contesta, probar por la tarde.\nMensaje dejado en el buzón.\nVuelve el {day}.",
}
TASKS = {
    "call": "Call back about {topic}|Call {given}, {topic}|First call|Ask how {topic} went|Call before the renewal",
    "email": "Send quote|Send price list|Send documents for {topic}|Answer questions about {topic}|Reminder for invoice|Invite to the webinar",
    "meeting": "Demo of {topic}|Quarterly review|Video call about {topic}|Contract talk|Prepare meeting about {topic}",
    "visit": "Visit, {topic}|Visit the plant|Bring samples",
    "todo": "Check credit limit|Write offer for {topic}|Clean up addresses|Ask finance about {topic}|Prepare price comparison|Find a reference customer",
}
LANGUAGES = {"nb": "no", "sv": "en", "da": "en", "de": "de", "fr": "fr", "es": "es"}


def _lines(table, separator):
    return {language: text.split(separator) for language, text in table.items()}


for _table in (REACHED, CLOSERS, MAILS, MEETINGS, NOTES, UNREACHED):
    _table.update(_lines(_table, "\n"))
for _table in (TOPICS, CALL_SUBJECTS, MAIL_SUBJECTS, MEETING_SUBJECTS, TASKS):
    _table.update(_lines(_table, "|"))
for _table in (MONTHS, WEEKDAYS):
    _table.update(_lines(_table, " "))


class Speech:
    """Fills templates for one person in the language of their country, or English."""

    def __init__(self, rng, given, home_language, currency):
        self._rng, self._given = rng, given
        language = LANGUAGES.get(home_language, "en")
        self._language = language if rng.random() < 0.7 else "en"
        self._currency = currency

    def say(self, table):
        """Return one sentence of a table (REACHED, CALL_SUBJECTS ...) with its places filled."""
        rng = self._rng
        template = rng.choice(table[self._language] if self._language in table else table["en"])
        return self._filled(template, self._language)

    def task(self, kind):
        return self._filled(self._rng.choice(TASKS[kind]), "en")

    def _filled(self, template, language):
        if "{" not in template:
            return template
        rng = self._rng
        text = template.format(
            topic=rng.choice(TOPICS[language]),
            month=rng.choice(MONTHS[language]),
            day=rng.choice(WEEKDAYS[language]),
            n=rng.randint(2, 24),
            amount=f"{self._currency} {rng.randint(3, 180) * 500:,}",
            given=self._given,
        )
        return text[:1].upper() + text[1:]
