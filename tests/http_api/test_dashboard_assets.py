"""The dashboard's files fit together: texts, vendored libraries, imports, and the policy they are served under."""

import hashlib
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request

from domain.contracts.statuses import ContractStatus, ContractType
from domain.contracts.terms import ContractTerms
from http_api import dashboard_files
from http_api.dashboard_catalogue import catalogue, labels
from http_api.dashboard_pages import LANGUAGES, imports_of, merged_texts, reachable, with_links
from realtime.namespaces.registry import NAMESPACES

DASHBOARD = Path(__file__).parents[2] / "http_api" / "dashboard"
VENDOR = DASHBOARD / "vendor"
SOURCES = {path.relative_to(DASHBOARD).as_posix(): path.read_text() for path in sorted(DASHBOARD.rglob("*.js"))}
MODULES = sorted(name for name in SOURCES if not name.startswith("vendor/"))
AREAS = sorted(path.name for path in (DASHBOARD / "texts").iterdir())
PAGES = {
    "index.html": "main.js",
    "interview-room.html": "pages/interview-room/main.js",
    "api-docs.html": "pages/api-docs/main.js",
}
"""Each with the module that starts it."""
ADDRESSES = {"index.html": "/", "interview-room.html": "/interview/r1", "api-docs.html": "/api/docs"}

_FILE_URL = re.compile(r"""new URL\(["'](\.{1,2}/[^"']+)["'], import\.meta\.url\)""")
_DOTTED = re.compile(r"""["'`]([a-z][A-Za-z]*)\.([\w.]+)["'`]""")
_TEMPLATE = re.compile(r"t\(`([a-z][A-Za-z]*\.[\w.]*)\$\{[^}]*\}([\w.]*)`")
_TEXT_OR = re.compile(r'textOr\("(\w+)", ')
_TITLE = "t(`${page.name}.title`)"
_PLACE = re.compile(r"\{(\w+)\}")
_AUDITED = re.compile(r'(?:AUDIT_TARGET(?:: Final)? = |(?:target = |actor\)?, )\()"([a-z-]+)"')


def texts(language: str) -> dict[str, str]:
    return merged_texts(DASHBOARD / "texts", language, labels(LANGUAGES[language]))


def texts_of_area(area: str, language: str) -> dict[str, str]:
    loaded: dict[str, str] = json.loads((DASHBOARD / "texts" / area / f"{language}.json").read_text())
    return loaded


def code() -> str:
    return "\n".join(SOURCES[name] for name in MODULES)


def page_names() -> list[str]:
    imported = imports_of("pages/index.js", SOURCES["pages/index.js"])
    return [name.split("/")[1] for name in imported if name.endswith("/page.js")]


def keys_named_in_code(namespaces: set[str]) -> set[str]:
    named = {f"{area}.{name}" for area, name in _DOTTED.findall(code()) if area in namespaces}
    return named | {f"{name}.title" for name in page_names()}


def patterns_built_in_code() -> list[re.Pattern[str]]:
    built = [re.escape(head) + r"[^.]+" + re.escape(tail) for head, tail in _TEMPLATE.findall(code())]
    built += [re.escape(f"{group}.") + ".+" for group in _TEXT_OR.findall(code())]  # values may have dots
    return [re.compile(pattern) for pattern in built]


@pytest.fixture
async def client() -> AsyncIterator[TestClient[web.Request, web.Application]]:
    app = web.Application()
    dashboard_files.add_routes(app)
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.mark.parametrize("area", AREAS)
def test_both_languages_have_the_same_keys_in_the_same_order(area: str) -> None:
    chinese, english = (list(texts_of_area(area, language)) for language in LANGUAGES)

    assert chinese == english == sorted(chinese)


def test_both_languages_fill_in_the_same_values() -> None:
    chinese, english = (texts(language) for language in LANGUAGES)

    places = {key: (set(_PLACE.findall(chinese[key])), set(_PLACE.findall(english[key]))) for key in chinese}

    assert {key: pair for key, pair in places.items() if pair[0] != pair[1]} == {}


def test_a_group_of_texts_belongs_to_one_area() -> None:
    owners: dict[str, set[str]] = {}
    for area in AREAS:
        for key in texts_of_area(area, "en"):
            owners.setdefault(key.split(".")[0], set()).add(area)

    assert {group: areas for group, areas in owners.items() if len(areas) > 1} == {}


def test_texts_of_two_areas_with_the_same_key_are_refused(tmp_path: Path) -> None:
    for area in ("one", "two"):
        (tmp_path / area).mkdir()
        (tmp_path / area / "en.json").write_text('{"same.key": "text"}')

    with pytest.raises(ValueError, match=r"same\.key"):
        merged_texts(tmp_path, "en", {})


def test_a_text_that_is_a_label_of_the_domain_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "en.json").write_text('{"role.admin": "Boss"}')

    with pytest.raises(ValueError, match=r"role\.admin"):
        merged_texts(tmp_path, "en", labels("en"))


def test_labels_are_the_domain_s_own_for_every_value() -> None:
    for language in LANGUAGES.values():
        known = labels(language)

        assert {f"contractType.{value}" for value in ContractType} <= known.keys()
        assert {f"contractStatus.{value}" for value in ContractStatus} <= known.keys()
    assert (labels("zh")["contractType.职培"], labels("en")["role.dispatch"]) == ("职业培训", "Dispatch")
    assert labels("en")["place.深圳"] == "Shenzhen"


def test_the_catalogue_names_fields_and_types_that_contracts_have() -> None:
    known = catalogue()

    assert known["contractTypes"]["training"] == ("职培",)
    assert [*known["contractTypes"]["housekeeping"], "职培"] == list(ContractType)
    assert {"customerName", "workerSalary"} <= set(known["requiredFields"]["housekeeping"])
    assert "广东" in known["provinces"]
    assert known["requiredFields"]["training"] == ContractTerms(order_category="training").missing_for_draft()


def test_every_kind_of_audited_record_can_be_filtered_and_has_a_text() -> None:
    sources = [path.read_text() for path in (DASHBOARD.parents[1] / "domain").rglob("*.py")]
    audited = {kind for source in sources if "audit" in source for kind in _AUDITED.findall(source)}
    offered = re.search(r"TARGETS = (\[[^\]]+\])", SOURCES["pages/audit/query.js"])

    assert offered is not None
    assert set(re.findall(r'"([\w-]+)"', offered[1])) == audited
    for language in LANGUAGES:
        assert {f"auditTarget.{kind}" for kind in audited} <= texts(language).keys()


def test_every_namespace_has_a_text() -> None:
    keys = {f"subscription.{namespace.name.removeprefix('/')}" for namespace in NAMESPACES}

    for language in LANGUAGES:
        assert keys <= texts(language).keys()


def test_every_text_that_code_names_exists() -> None:
    known = texts("zh-CN")
    namespaces = {key.split(".")[0] for key in known}

    named = keys_named_in_code(namespaces)

    assert named - known.keys() == set()
    assert len(named) > 100


def test_every_key_that_code_builds_has_a_text() -> None:
    known = texts("en")  # places have texts in English only

    built = patterns_built_in_code()

    assert [pattern.pattern for pattern in built if not any(pattern.fullmatch(key) for key in known)] == []
    assert len(built) > 10
    assert _TITLE in SOURCES["shell.js"]


def test_no_text_is_left_over() -> None:
    known = set(texts("zh-CN"))
    named = keys_named_in_code({key.split(".")[0] for key in known})
    built = patterns_built_in_code()

    unused = {
        key
        for key in (key.removesuffix(".one") for key in known)
        if key not in named and not any(pattern.fullmatch(key) for pattern in built)
    }

    assert unused == set()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_texts_of_all_areas_are_served_as_one_file(
    client: TestClient[web.Request, web.Application], language: str
) -> None:
    page = await (await client.get("/")).text()
    build = re.findall(r'"/assets/([0-9a-f]{12})/main\.js"', page)[0]

    answer = await client.get(f"/assets/{build}/texts/{language}.json")

    assert answer.content_type == "application/json"
    assert await answer.json() == texts(language)
    assert await (await client.get(f"/assets/{build}/catalogue.json")).json() == json.loads(json.dumps(catalogue()))


def test_vendored_libraries_are_the_ones_written_down() -> None:
    rows = re.findall(r"^\| `([^`]+)` \|.*`([0-9a-f]{64})` \|$", (VENDOR / "README.md").read_text(), re.M)

    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.glob("*.js")}

    assert found == dict(rows)


@pytest.mark.parametrize("module", MODULES)
def test_every_import_of_a_module_leads_to_a_file(module: str) -> None:
    folder = (DASHBOARD / module).parent
    fetched = [folder / name for name in _FILE_URL.findall(SOURCES[module])]

    assert [name for name in imports_of(module, SOURCES[module]) if name not in SOURCES] == []
    derived = {DASHBOARD / "catalogue.json", *(DASHBOARD / "texts" / f"{language}.json" for language in LANGUAGES)}
    assert [path for path in fetched if path.resolve() not in derived and not path.resolve().is_file()] == []


def test_all_forms_of_a_static_import_are_followed() -> None:
    sources = {
        "main.js": 'import { a } from "./lib/a.js";\nimport "./lib/b.js";\nimport { c } from "other";',
        "lib/a.js": 'export {\n  one,\n} from "../lib/c.js";',
        "lib/b.js": "const page = await import('../pages/d.js'); // import('lib/e.js')",
        "lib/c.js": 'import { a } from "./a.js";',
        "lib/e.js": "",
        "pages/d.js": "",
    }

    assert reachable("main.js", sources) == set(sources) - {"lib/e.js"}


def test_a_page_gets_the_style_sheets_of_its_areas_and_a_preload_link_for_each_module() -> None:
    sources = {
        "main.js": 'import "./pages/users/page.js";',
        "pages/users/page.js": 'import "../../lib/a.js";',
        "lib/a.js": 'export const load = () => import("./later.js");',
        "lib/later.js": "",
    }
    html = '<head>\n  <script type="module" src="/assets/main.js"></script>\n</head>'

    linked = with_links(html, sources, frozenset({"css/users.css", "css/contracts.css", "css/base.css"}))

    assert linked.splitlines()[1:-1] == [
        '  <link rel="stylesheet" href="/assets/css/users.css">',
        '  <link rel="modulepreload" href="/assets/lib/a.js">',
        '  <link rel="modulepreload" href="/assets/pages/users/page.js">',
        '  <script type="module" src="/assets/main.js"></script>',
    ]


@pytest.mark.parametrize("page", PAGES)
async def test_a_page_preloads_exactly_the_modules_that_it_will_import(
    client: TestClient[web.Request, web.Application], page: str
) -> None:
    served = await (await client.get(ADDRESSES[page])).text()

    preloaded = re.findall(r'<link rel="modulepreload" href="/assets/[0-9a-f]{12}/([^"]+)">', served)

    assert preloaded == sorted(reachable(PAGES[page], SOURCES, lazily=False) - {PAGES[page]})
    assert len(preloaded) >= 40 or page == "api-docs.html"


@pytest.mark.parametrize("page", PAGES)
async def test_everything_that_a_page_links_is_served(
    client: TestClient[web.Request, web.Application], page: str
) -> None:
    served = await (await client.get(ADDRESSES[page])).text()

    statuses = {link: (await client.get(link)).status for link in re.findall(r'(?:href|src)="(/assets/[^"]+)"', served)}

    assert {link: status for link, status in statuses.items() if status != 200} == {}


async def test_sources_of_texts_and_development_files_are_not_served(
    client: TestClient[web.Request, web.Application],
) -> None:
    build = dashboard_files.DashboardFiles().build

    for name in ("texts/users/en.json", "package.json", "vendor/README.md"):
        assert (await client.get(f"/assets/{build}/{name}")).status == 404


async def test_only_the_dashboard_of_a_demonstration_says_that_it_is_one() -> None:
    request = make_mocked_request("GET", "/")

    real = await dashboard_files.DashboardFiles().page(request)
    invented = await dashboard_files.DashboardFiles(demonstration=True).page(request)

    assert "data-demonstration" not in (real.text or "")
    assert "<html data-demonstration " in (invented.text or "")


def test_every_page_of_the_list_has_a_folder_with_its_name() -> None:
    registered = {name: SOURCES[f"pages/{name}/page.js"] for name in page_names()}

    assert {name for name, source in registered.items() if f'name: "{name}"' not in source} == set()
    assert len(registered) >= 5


def test_no_module_is_left_over() -> None:
    reached = frozenset[str]().union(*(reachable(start, SOURCES) for start in PAGES.values()))

    assert set(MODULES) - reached == {"lib/theme.js"}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_needs_neither_inline_code_nor_another_host(page: str) -> None:
    text = (DASHBOARD / page).read_text()
    styles = "\n".join(path.read_text() for path in (DASHBOARD / "css").glob("*.css"))

    assert re.findall(r"<script(?![^>]*\bsrc=)", text) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=", text) == []
    assert re.findall(r"""(?:href|src)=["'](?!/[a-z"'])""", text) == []
    assert re.findall(r"@import|url\(", styles) == []
    assert re.findall(r"\beval\(|new Function|innerHTML|https?://\w", code()) == []


async def test_browsers_get_an_icon_without_a_link(client: TestClient[web.Request, web.Application]) -> None:
    answer = await client.get("/favicon.ico")

    body = await answer.read()
    assert (answer.status, answer.content_type) == (200, "image/vnd.microsoft.icon")
    assert body.startswith(b"\0\0\1\0")
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
