"""The words that ``content_lint`` looks for, by kind of claim: English, Spanish, French.

Matched against small letters without accents, hyphens as spaces. ``REFUSED`` never stands,
``SOURCED`` only with who says so and a year, ``FLAGGED`` is shown to whoever approves.
"""

import re
from collections.abc import Mapping

_JOBS = r"(?:jobs?|employment|careers?|positions?|placement|work|hired)"
_TRABAJO = r"(?:empleos?|trabajos?|puestos?|colocacion(?: laboral)?|contratacion)"
_EMPLOI = r"(?:emplois?|postes?|travail|embauches?|placements?)"
_AID = r"(?:financial aid|aid|grants?|scholarships?|funding|loans?|tuition)"
_BECA = r"(?:becas?|ayudas?(?: financieras?| economicas?)?|prestamos?|matricula|subsidios?)"
_BOURSE = r"(?:bourses?|aides?(?: financieres?)?|prets?|subventions?|scolarite|frais)"
_SURE = r"(?:guarante\w*|assured?|promised?|certain|automatic(?:ally)?)"
_SEGURO = r"(?:garantiza\w*|segur[oa]s?|asegura\w*|prometid[oa]s?)"
_SUR = r"(?:garanti\w*|assure\w*|promis\w*)"
_FORCES = (
    r"(?:u\.?s\.? )?(?:army|navy|air force|marines?|marine corps|coast guard|space force|military"
    r"|armed forces|pentagon|dod|department of defense|veterans affairs|the va|va)"
)
_STATE = (
    r"(?:u\.?s\.? |federal |state )?(?:government|department of (?:education|labor)|congress"
    r"|white house|federal|gobierno|ministerio de educacion|departamento de educacion|gouvernement"
    r"|ministere de l'education)"
)
_BACKS = (
    r"(?:approv\w*|endors\w*|recommend\w*|sponsor\w*|certif\w*|partner\w*|official\w*|select\w*"
    r"|authori[sz]\w*|aprob\w*|avalad\w*|respaldad\w*|recomend\w*|oficial\w*|approuv\w*|agree\w*"
    r"|recommand\w*|officiel\w*|soutenu\w*)"
)
_NEAR = r"(?:\W+\w+){0,3}?\W+"
_MONEY = r"(?:\$ ?[0-9]|[0-9][0-9,. ]*(?:\$|k\b|usd|dollars?|dolares|euros?|€))"


def _of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{each})" for each in patterns))


REFUSED: Mapping[str, re.Pattern[str]] = {
    "job": _of(
        rf"\b{_SURE}{_NEAR}{_JOBS}\b",
        rf"\b{_JOBS}{_NEAR}{_SURE}\b",
        rf"\b{_JOBS} guarante\w*",
        r"\b(?:we|we'll|will) (?:will )?(?:find|get|land|give) you (?:a |an |the )?(?:\w+ )?"
        r"(?:job|career|position|work)",
        r"\bget (?:you )?hired\b",
        r"\b(?:get|land|find|secure|score|walk into) (?:your|a|the|that) (?:dream |great |new )?"
        r"(?:job|career|position)\b",
        r"\bjobs? (?:waiting|awaits?|on graduation|upon graduation|after graduation)\b",
        r"\b(?:dream|instant) (?:job|career)\b",
        r"\bnow hiring\b",
        r"\bwe are hiring\b",
        r"\bhire (?:all )?our graduates\b",
        r"\bstart (?:a|your) new career in (?:weeks|days|months|[0-9]+)",
        rf"\b{_TRABAJO}{_NEAR}{_SEGURO}\b",
        rf"\b{_TRABAJO} {_SEGURO}\b",
        rf"\b{_SEGURO}{_NEAR}{_TRABAJO}\b",
        r"\b(?:te|le|les) (?:conseguimos|encontramos|damos) (?:un )?(?:trabajo|empleo)",
        r"\b(?:consigue|consiga|obten|obtenga|encuentra) (?:un |tu |su |el )?(?:trabajo|empleo)\b",
        r"\btrabajo de tus suenos\b",
        rf"\b{_EMPLOI}{_NEAR}{_SUR}\b",
        rf"\b{_EMPLOI} {_SUR}\b",
        rf"\b{_SUR}{_NEAR}{_EMPLOI}\b",
        r"\b(?:nous vous trouvons|on vous trouve|trouvez|decrochez|obtenez) (?:un|l'|votre|le) ?"
        r"(?:emploi|travail|poste|job)",
        r"\bemploi de (?:vos|tes) reves\b",
    ),
    "pay": _of(
        r"\bsix figures?\b",
        r"\bhigh(?:er|est)? (?:paying|paid|salar\w+|income|wages?)\b",
        r"\b(?:well|highly) paid\b",
        r"\b(?:big|great|top) (?:money|pay|salar\w+|bucks)\b",
        r"\b(?:double|triple|boost|increase) your (?:salary|income|pay|earnings|wages?)\b",
        rf"\b(?:earn|make|earning|paid|salar\w+|income|wages?)\b.{{0,25}}{_MONEY}",
        rf"{_MONEY}.{{0,25}}\b(?:salar\w+|a year|per year|an hour|income|wages?|earn\w*)\b",
        r"\b(?:earn|make) more\b",
        rf"\b(?:gana|gane|ganar|salarios?|sueldos?|ingresos)\b.{{0,25}}{_MONEY}",
        rf"{_MONEY}.{{0,25}}\b(?:al ano|por hora|de salario|de sueldo)\b",
        r"\b(?:gana|gane|ganaras?) (?:mas|mucho)\b",
        r"\b(?:altos?|buenos?|mejores) (?:salarios?|sueldos?|ingresos)\b",
        r"\bbien (?:pagad[oa]s?|remunerad[oa]s?)\b",
        rf"\b(?:gagnez|gagner|salaires?|revenus?)\b.{{0,25}}{_MONEY}",
        rf"{_MONEY}.{{0,25}}\b(?:par an|par annee|de l'heure|de salaire)\b",
        r"\bgagne[rz] (?:plus|davantage|beaucoup)\b",
        r"\b(?:hauts?|gros|bons?|meilleurs?) salaires?\b",
        r"\bbien (?:payee?s?|remuneree?s?)\b",
    ),
    "aid": _of(
        rf"\b{_SURE}{_NEAR}{_AID}\b",
        rf"\b{_AID}{_NEAR}{_SURE}\b",
        rf"\b{_AID} {_SURE}\b",
        r"\bfree (?:money|tuition|degree|college|school|education|laptops?|cash|ride)\b",
        r"\b(?:tuition|school|college|money|cash) (?:is |for )?free\b",
        r"\b(?:no|zero) (?:cost|tuition)\b",
        r"\bfull ride\b",
        r"\b(?:everyone|everybody|all students?|you) (?:gets?|receives?|qualif\w+)\b",
        r"\bnever pay back\b",
        r"\bunclaimed (?:grants?|money|aid|scholarships?)\b",
        r"\bstimulus\b",
        r"\bloan forgiveness\b",
        r"\bgift cards?\b",
        r"\bcash (?:back|bonus)\b",
        r"\bdinero gratis\b",
        r"\b(?:matricula|universidad|carrera|educacion|estudios?|estudia) (?:es )?"
        r"(?:gratis|gratuit\w*)\b",
        rf"\b{_BECA}{_NEAR}{_SEGURO}\b",
        rf"\b{_BECA} {_SEGURO}\b",
        r"\bbecas? (?:completas? )?para todos\b",
        r"\bsin (?:costo|coste|pagar)\b",
        r"\btodos (?:reciben|califican)\b",
        r"\bargent (?:gratuit|facile)\b",
        r"\b(?:etudes|scolarite|formation|inscription|diplome) (?:est |sont )?gratuit\w*\b",
        rf"\b{_BOURSE}{_NEAR}{_SUR}\b",
        rf"\b{_BOURSE} {_SUR}\b",
        r"\bbourses? pour tous\b",
        r"\bsans (?:frais|payer)\b",
    ),
    "guarantee": _of(
        r"\b(?:un)?guarantee\w*\b",
        r"\brisk free\b",
        r"\bmoney back\b",
        r"\b(?:100|one hundred) ?(?:%|percent|per cent|por ciento|pour cent)",
        r"\b(?:everyone|everybody) (?:is )?(?:accepted|admitted|passes|graduates)\b",
        r"\bgarantiza\w*\b",
        r"\bgarantia\b",
        r"\bsin riesgo\b",
        r"\btodos son (?:aceptados|admitidos)\b",
        r"\bgaranti(?:e|es|t|r|ssons)?\b",
        r"\bsans risque\b",
        r"\btout le monde est (?:accepte|admis)\b",
    ),
    "military": _of(
        rf"\b{_BACKS}{_NEAR}{_FORCES}\b",
        rf"\b{_FORCES}{_NEAR}{_BACKS}\b",
        rf"\b{_FORCES} {_BACKS}\b",
        r"\bmilitary(?: friendly)? (?:approved|school|friendly)\b",
        r"\b(?:aprobad\w*|respaldad\w*|recomendad\w*) por (?:el ejercito|las fuerzas armadas"
        r"|la marina|los militares)",
        r"\b(?:approuv\w*|recommand\w*|soutenu\w*) par (?:l'armee|les forces armees|la marine"
        r"|les militaires)",
    ),
    "government": _of(
        rf"\b{_BACKS}{_NEAR}{_STATE}\b",
        rf"\b{_STATE}{_NEAR}{_BACKS}\b",
        rf"\b{_STATE} {_BACKS}\b",
        rf"\b{_STATE} (?:program|money|benefits?|programa|programme)\b",
        r"\bprograma del gobierno\b",
        r"\bprogramme du gouvernement\b",
    ),
    "urgency": _of(
        r"\b(?:act|apply|enroll?|call|start|join|register|sign up|hurry|click)(?: \w+)? "
        r"(?:now|today|immediately|fast)\b",
        r"\bhurry\b",
        r"\b(?:limited|short) time\b",
        r"\b(?:last|final) (?:chance|call|spots?|seats?|places?|days?)\b",
        r"\b(?:few|[0-9]+|limited|only) (?:\w+ )?(?:spots?|seats?|places?)"
        r"(?: (?:left|remain\w*))?\b(?! per| a class| in each)",
        r"\bdon'?t (?:miss|wait|delay)\b",
        r"\bbefore it'?s too late\b",
        r"\b(?:filling|running out|going) (?:up )?fast\b",
        r"\b(?:offer|deal) (?:ends|expires)\b",
        r"\bends (?:soon|today|tonight)\b",
        r"\b(?:inscribete|inscribase|llama|llame|aplica|aplique|solicita|solicite|empieza) "
        r"(?:ya|hoy|ahora)\b",
        r"\b(?:date prisa|dese prisa|apresurate|no (?:te|se) (?:lo )?pierdas?|no esperes?)\b",
        r"\b(?:ultim[oa]s?|poc[oa]s|limitad[oa]s) "
        r"(?:plazas?|cupos?|dias?|oportunidad\w*|lugares)\b",
        r"\b(?:plazas?|cupos?|lugares) limitad[oa]s\b",
        r"\b(?:solo|unicamente) (?:por )?hoy\b",
        r"\btiempo limitado\b",
        r"\b(?:inscrivez vous|appelez|postulez|commencez|agissez) "
        r"(?:maintenant|aujourd'hui|vite|tout de suite)\b",
        r"\bdepechez vous\b",
        r"\b(?:dernieres?|places?) (?:places?|chance|jours|limitees?)\b",
        r"\bplus que [0-9]+\b",
        r"\bn'attendez (?:plus|pas)\b",
        r"\b(?:offre|duree) limitee\b",
    ),
    "rank": _of(
        r"\bbetter than\b",
        r"\bunlike (?:other|any)\b",
        r"\b(?:un(?:matched|beatable|rivall?ed)|second to none|like no other)\b",
        r"\bmejor(?:es)? que\b",
        r"\bmeilleur\w* que\b",
        r"\bsin igual\b",
        r"\bsans (?:egal|pareil)\w*\b",
    ),
    "contact": _of(
        r"https?://",
        r"\bwww\.",
        r"\b[a-z0-9-]+\.(?:com|edu|org|net|info|io|co|ca|us|biz)\b",
        r"\b[\w.+-]+@[\w-]+",
        r"(?:\+?1[ .]?)?\(?[0-9]{3}\)?[ .]{0,2}[0-9]{3}[ .]?[0-9]{4}\b",
        r"\b1 ?8(?:00|77|88|66|55)\b",
    ),
}  # fmt: skip

SOURCED: Mapping[str, re.Pattern[str]] = {
    "rank": _of(
        r"(?:#|\bno\. ?|\bnumber ?|\bnum\. ?|\bnumero ?|\bn° ?)(?:1|one|uno|un)\b",
        r"\b(?:the )?(?:nation|state|world|country|region)'s (?:best|top|leading|premier)\b",
        r"\bbest\b(?! suited)",
        r"\b(?:top|highest|best|award) "
        r"(?:rated|ranked|winning|tier|[0-9]+|school|college|program)",
        r"\btop (?:in|of)\b",
        r"\b(?:leading|premier|prestigious|elite|world class|finest|greatest)\b",
        r"\b(?:ranked|rated|voted|named)\b",
        r"\b(?:el|la|los|las) mejor(?:es)?\b",
        r"\bmejor(?:es)? (?:universidad|escuela|programa|colegio)",
        r"\b(?:lider|prestigios[oa]|de elite|de clase mundial|galardonad[oa])\b",
        r"\b(?:le|la|les) (?:meilleur|premier|plus prestigieu)\w*\b",
        r"\bmeilleur(?:e|s|es)? (?:universite|ecole|programme|formation)",
        r"\b(?:prestigieu(?:x|se)|de renommee mondiale|d'elite|leader)\b",
    ),
    "job": _of(
        r"[0-9]+ ?(?:%|percent|per cent)(?:\W+\w+){0,8}?\W+"
        r"(?:jobs?|employ\w*|hired|work(?:ing)?|placed|placement|career)\b",
        r"\b(?:placement|employment|hiring) rates?\b",
        r"[0-9]+ ?(?:%|por ciento)(?:\W+\w+){0,8}?\W+(?:empleo|empleados|trabaj\w*|colocad\w*)\b",
        r"\btasa de (?:empleo|colocacion)\b",
        r"[0-9]+ ?(?:%|pour cent)(?:\W+\w+){0,8}?\W+(?:emploi|travail\w*|embauche\w*|place\w*)\b",
        r"\btaux (?:d'emploi|de placement|d'embauche)\b",
    ),
}

FLAGGED: Mapping[str, re.Pattern[str]] = {
    "job": _of(
        r"\bjob placement\b",
        r"\bcareer placement\b",
        r"\bplacement (?:assistance|services?|help)\b",
        r"\bbolsa de trabajo\b",
        r"\baide au placement\b",
    ),
    "military": _of(
        r"\b(?:military|veterans?|army|navy|air force|marines|gi bill|g\.i\. bill|yellow ribbon"
        r"|tuition assistance|service members?)\b",
        r"\b(?:veteran[oa]s|militar(?:es)?|ejercito)\b",
        r"\b(?:veterans|militaires?|armee)\b",
    ),
    "government": _of(
        r"\b(?:federal|government|state approved|gobierno|gouvernement|federales?)\b",
    ),
    "figure": _of(_MONEY, r"[0-9] ?%", r"\b[0-9]+ (?:percent|por ciento|pour cent)\b"),
    "guarantee": _of(r"\bfree\b", r"\bgratis\b", r"\bgratuit\w*\b"),
}
