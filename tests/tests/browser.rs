//! The site in a real browser, without a head: it starts without complaint, and its filter, headers and parts work.

mod common;

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use common::cli::{SMALL, Workplace};
use common::edited;
use common::page::Page;

const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The document as the browser leaves it, after a look at its log; `None`, with a notice, where there is no browser.
fn open(page: &Path, query: &str) -> Option<String> {
    let works = |name: &&&str| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success());
    let Some(browser) = BROWSERS.iter().find(works) else {
        // Past the harness, which hides what passing tests print.
        let _ = writeln!(std::io::stderr(), "NOT TESTED: there is no browser ({})", BROWSERS.join(", "));
        return None;
    };
    let profile = tempfile::TempDir::new().expect("a temporary folder");
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--virtual-time-budget=5000"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg("--dump-dom")
        .arg(format!("file://{}{query}", page.display()))
        .output()
        .expect("the browser starts");
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    let complaints: Vec<&str> = log.lines().filter(|line| line.contains("CONSOLE")).collect();
    assert!(complaints.is_empty(), "{complaints:?}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Two specs, one of which has results, and their page.
fn site() -> Workplace {
    let workplace = Workplace::with("small", SMALL);
    workplace.run(&["run", "specs/small.toml"]);
    workplace.write("specs/other.toml", &edited(SMALL, &[("its exact law", "another sentence")]));
    assert_eq!(workplace.run(&["report"]).code, Some(0));
    workplace
}

/// The claims that a document shows in the table of all.
fn shown(dom: &str) -> Vec<String> {
    let page = Page::parse(dom);
    let rows = page.tags.iter().filter(|tag| tag.attributes.contains_key("data-verdict"));
    rows.filter(|row| !row.attributes.contains_key("hidden"))
        .map(|row| row.attributes["data-verdict"].clone())
        .collect()
}

#[test]
fn the_page_opens_without_complaint_at_its_overview() {
    let workplace = site();
    let Some(dom) = open(&workplace.path("reports/index.html"), "") else { return };
    assert_eq!(shown(&dom), ["not run", "holds"]);
    assert!(dom.contains("2 of 2 claims"));
    let page = Page::parse(&dom);
    let visible: Vec<&str> = page
        .named("section")
        .filter(|section| !section.attributes.contains_key("hidden"))
        .map(|section| section.attributes["id"].as_str())
        .collect();
    assert_eq!(visible, ["overview"]);
}

#[test]
fn a_link_may_set_the_filter_and_open_a_part() {
    let workplace = site();
    let page = workplace.path("reports/index.html");
    for (query, expected) in [
        ("?text=another", vec!["not run"]),
        ("?text=RISK%20proposition", vec!["not run", "holds"]),
        ("?verdict=holds", vec!["holds"]),
        ("?text=another&verdict=holds", vec![]),
    ] {
        let Some(dom) = open(&page, query) else { return };
        assert_eq!(shown(&dom), expected, "{query}");
    }
    let Some(dom) = open(&page, "#claim-small-1") else { return };
    let sections = Page::parse(&dom);
    let visible =
        |id: &str| sections.named("section").any(|s| s.attributes["id"] == id && !s.attributes.contains_key("hidden"));
    assert!(visible("spec-small") && !visible("overview"));
}

#[test]
fn typing_filters_headers_sort_and_the_button_changes_the_colours() {
    let workplace = site();
    let path = workplace.path("reports/index.html");
    let acts = r##"<pre id="seen"></pre><script>
        const seen = [];
        const see = (what) => seen.push(what);
        const rows = () => [...document.querySelectorAll('#claims tbody tr')].filter((row) => !row.hidden);
        const type = (words) => {
            const field = document.querySelector('#filter-text');
            field.value = words;
            field.dispatchEvent(new Event('input'));
            see(words + ': ' + rows().length);
        };
        type('another sentence');
        type('nothing has these words');
        type('');
        const header = document.querySelectorAll('#claims th')[2];
        for (let i = 0; i !== 2; i++) {
            header.querySelector('button').click();
            see(header.ariaSort + ': ' + rows().map((row) => row.dataset.verdict).join(', '));
        }
        document.querySelector('#theme').click();
        see(document.documentElement.dataset.theme);
        location.hash = '#paper-1';
        addEventListener('hashchange', () => {
            see([...document.querySelectorAll('.page')].filter((page) => !page.hidden).map((page) => page.id).join());
            see(document.activeElement.id);
            see(document.documentElement.scrollWidth === document.documentElement.clientWidth);
            document.querySelector('#seen').textContent = seen.join('\n');
        });
    </script>"##;
    let html = std::fs::read_to_string(&path).expect("a page");
    let copy = workplace.path("reports/acted.html");
    std::fs::write(&copy, html.replace("</body>", &format!("{acts}</body>"))).expect("writable");
    let Some(dom) = open(&copy, "") else { return };
    let page = Page::parse(&dom);
    let seen = page.named("pre").find(|tag| tag.attributes.get("id").is_some_and(|id| id == "seen")).expect("a record");
    let expected = [
        "another sentence: 1",
        "nothing has these words: 0",
        ": 2",
        "ascending: not run, holds",
        "descending: holds, not run",
        "dark",
        "paper-1",
        "paper-1-title",
        "true",
    ];
    assert_eq!(seen.text.lines().collect::<Vec<_>>(), expected);
}
