//! The site: what is stored is shown, what is not is said, and nothing that a stranger writes becomes markup.

mod common;

use std::collections::BTreeSet;

use common::cli::{SMALL, Workplace};
use common::edited;
use common::page::Page;
use engine::store::{Manifest, atomic};

/// Components, variants, and a name that is also the name of another spec's figure.
const DIRECTIONS: [(&str, &str); 2] = [
    ("observe.quadratic = \"fisher\"", "observe.directional = { of = \"noise\", top = 2 }"),
    (
        "[[measure]]",
        "[variants.isotropic]\n\"problem.quadratic.noise_shape\" = \"trace_matched_isotropic\"\n\n[[measure]]",
    ),
];

/// A workplace with a spec that has been run, and its page.
fn reported(text: &str) -> (Workplace, String) {
    let workplace = Workplace::with("small", text);
    workplace.run(&["run", "specs/small.toml"]);
    let html = report(&workplace, Some(0));
    (workplace, html)
}

/// Makes the page, which must end with `code`.
fn report(workplace: &Workplace, code: Option<i32>) -> String {
    let ran = workplace.run(&["report"]);
    assert_eq!(ran.code, code, "{}", ran.stderr);
    std::fs::read_to_string(workplace.path("reports/index.html")).expect("a page")
}

#[test]
fn a_spec_that_was_run_and_one_that_was_not_have_their_places() {
    let workplace = Workplace::with("small", SMALL);
    workplace.run(&["run", "specs/small.toml"]);
    workplace.write("specs/other.toml", &edited(SMALL, &[("a small experiment", "not run yet")]));
    let page = Page::parse(&report(&workplace, Some(0)));
    insta::assert_snapshot!("structure", page.structure());
}

#[test]
fn the_page_has_the_numbers_of_the_readme() {
    let text = edited(SMALL, &DIRECTIONS);
    let (workplace, html) = reported(&edited(&text, &[("resolution = 0.15", "resolution = 0.25")]));
    let readme = String::from_utf8(workplace.contents("reports/small")["README.md"].clone()).expect("text");
    let line = readme.lines().find(|line| line.starts_with("| exact |")).expect("a verdict table");
    let page = Page::parse(&html);
    let cells = page.text.lines().map(str::trim).collect::<BTreeSet<_>>();
    for column in line.trim_matches('|').split(" | ").map(|column| column.trim().trim_matches('*')) {
        assert!(cells.contains(column), "{column} of {line}");
    }
    assert!(line.contains("component") && line.contains("isotropic") | line.contains("base"), "{line}");
}

#[test]
fn results_of_another_text_are_stale_and_not_shown() {
    let (workplace, current) = reported(SMALL);
    assert!(current.contains("badge holds") && current.contains("[0.8500, 1.1500]"));
    workplace.write("specs/small.toml", &edited(SMALL, &[("resolution = 0.15", "resolution = 0.2")]));
    let stale = report(&workplace, Some(0));
    assert!(stale.contains("data-verdict=\"stale\"") && stale.contains("another text of this spec"));
    assert!(
        !stale.contains("data-verdict=\"holds\"")
            && !stale.contains("[0.8500, 1.1500]")
            && !stale.contains("class=\"card")
    );
    workplace.write("specs/small.toml", &format!("# a comment changes nothing\n{SMALL}"));
    assert!(report(&workplace, Some(0)).contains("data-verdict=\"holds\""));
}

#[test]
fn results_of_another_stream_version_are_stale() {
    let (workplace, _) = reported(SMALL);
    let folder = workplace.path("reports/small");
    let manifest = Manifest::read(&folder).expect("a manifest");
    Manifest { stream_version: manifest.stream_version + 1, ..manifest }
        .prepare(&folder)
        .and_then(|file| file.publish())
        .expect("writable");
    let html = report(&workplace, Some(0));
    assert!(html.contains("other random streams") && !html.contains("data-verdict=\"holds\""));
}

#[test]
fn what_a_hash_does_not_vouch_for_is_reported_and_not_shown() {
    for (file, shown) in
        [("risk.svg", "<clipPath"), ("claims.parquet", "[0.8500, 1.1500]"), ("cells.parquet", "± s.e.")]
    {
        let (workplace, html) = reported(SMALL);
        assert!(html.contains(shown), "{file}");
        let path = workplace.path("reports/small").join(file);
        let mut content = std::fs::read(&path).expect("a file");
        let middle = content.len() / 2;
        content[middle] ^= 1;
        std::fs::write(&path, content).expect("writable");
        let ran = workplace.run(&["report"]);
        assert_eq!(ran.code, Some(4));
        assert!(ran.stderr.contains(&format!("small: {file} is not shown")), "{}", ran.stderr);
        let html = std::fs::read_to_string(workplace.path("reports/index.html")).expect("a page");
        let own = html.split("id=\"spec-small\"").nth(1).expect("the spec's part");
        assert!(own.contains(&format!("{file} is not shown")) && !own.contains(shown), "{file}");
        assert_eq!(html.contains("data-verdict=\"damaged\""), file == "claims.parquet");
    }
}

#[test]
fn a_damaged_manifest_is_reported() {
    let (workplace, _) = reported(SMALL);
    let path = workplace.path("reports/small/manifest.toml");
    let text = std::fs::read_to_string(&path).expect("text");
    std::fs::write(&path, text.replace("verdict = \"holds\"", "verdict = \"wrong\"")).expect("writable");
    let html = report(&workplace, Some(4));
    assert!(html.contains("manifest.toml is damaged") && html.contains("data-verdict=\"damaged\""));
}

#[test]
fn a_figure_with_a_script_is_refused_even_if_a_manifest_vouches_for_it() {
    let (workplace, _) = reported(SMALL);
    let folder = workplace.path("reports/small");
    let evil = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    std::fs::write(folder.join("risk.svg"), evil).expect("writable");
    let mut manifest = Manifest::read(&folder).expect("a manifest");
    manifest.files.insert("risk.svg".to_owned(), atomic::hash(evil));
    manifest.prepare(&folder).and_then(|file| file.publish()).expect("writable");
    let html = report(&workplace, Some(4));
    assert!(html.contains("it holds &lt;script&gt;") && !html.contains("alert(1)"));
}

#[test]
fn texts_of_strangers_stay_text() {
    let evil = "</style></script><script>alert(1)</script><img src=x onerror=alert(1)> \\\" ' & <b>";
    let shown = evil.replace("\\\"", "\"");
    let text = edited(
        SMALL,
        &[
            ("a small experiment", evil),
            ("arXiv:2603.02417v4", evil),
            ("Proposition 5.13", evil),
            ("The risk follows its exact law.", evil),
            ("Risk along the path", evil),
            ("scaled risk", evil),
        ],
    );
    let (_, html) = reported(&format!("# {shown}\n{text}"));
    assert_eq!((html.matches("<script").count(), html.matches("<style").count()), (1, 1));
    let page = Page::parse(&html);
    assert!(page.named("img").next().is_none() && page.named("b").next().is_none());
    assert!(page.values("onerror").is_empty());
    for place in ["h2", "option", "figcaption", "p", "text"] {
        assert!(page.named(place).any(|tag| tag.text.contains(&shown)), "{place}");
    }
    assert!(page.values("data-paper").contains(&shown.as_str()));
    assert!(!html.contains("arxiv.org"), "no link is made of what is no identifier");
}

#[test]
fn every_link_within_the_page_leads_somewhere_and_no_id_stands_twice() {
    let (workplace, _) = reported(&edited(SMALL, &DIRECTIONS));
    std::fs::create_dir(workplace.path("specs/other")).expect("a folder");
    workplace.write("specs/other/small.toml", SMALL);
    workplace.run(&["run", "specs/other/small.toml"]);
    // A spec that is named twice stands there once.
    let ran = workplace.run(&["report", "specs/small.toml", "specs/other/small.toml", "specs/./small.toml"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let html = std::fs::read_to_string(workplace.path("reports/index.html")).expect("a page");
    let page = Page::parse(&html);
    let ids = page.values("id");
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "{ids:?}");
    let mut references: Vec<&str> = page.values("href").into_iter().filter_map(|link| link.strip_prefix('#')).collect();
    for attribute in ["aria-labelledby", "for"] {
        references.extend(page.values(attribute).into_iter().flat_map(str::split_whitespace));
    }
    references
        .extend(page.values("clip-path").into_iter().filter_map(|url| url.strip_prefix("url(#")?.strip_suffix(')')));
    assert!(references.len() > 20);
    for reference in references {
        assert!(unique.contains(reference), "{reference}");
    }
    assert_eq!(page.named("clipPath").count(), 2);
}

#[test]
fn equal_results_give_equal_bytes_wherever_they_stand() {
    let (workplace, _) = reported(SMALL);
    let html = report(&workplace, Some(0));
    let other = Workplace::with("small", SMALL);
    let (spec, out) = (other.path("specs/small.toml"), other.path("elsewhere"));
    let (spec, out) = (spec.display().to_string(), out.display().to_string());
    other.run(&["run", &spec, "--out", &out]);
    // What a run took is not the same twice.
    std::fs::copy(workplace.path("reports/small/costs.toml"), other.path("elsewhere/small/costs.toml")).expect("costs");
    assert_eq!(other.run(&["report", &spec, "--out", &out]).code, Some(0));
    let elsewhere = std::fs::read_to_string(other.path("elsewhere/index.html")).expect("a page");
    assert!(html == elsewhere, "the page depends on where it is made");
}

#[test]
fn the_page_is_small_and_loads_nothing() {
    let (_, html) = reported(SMALL);
    assert!(html.len() < 100_000, "{} bytes", html.len());
    let page = Page::parse(&html);
    assert!(page.values("src").is_empty() && page.named("link").next().is_none());
    assert!(!html.contains("@import") && !html.replace("url(#", "").contains("url("));
    let outward: Vec<&str> = page.values("href").into_iter().filter(|link| !link.starts_with('#')).collect();
    assert_eq!(outward, ["https://arxiv.org/abs/2603.02417v4"]);
}

#[test]
fn a_bad_spec_is_named_and_the_others_are_shown() {
    let (workplace, _) = reported(SMALL);
    workplace.write("specs/bad.toml", "schema = 1\n");
    let html = report(&workplace, Some(2));
    assert!(html.contains("specs/bad.toml: it is no valid spec") && html.contains("data-verdict=\"holds\""));
}

#[test]
fn a_refuted_and_an_undecided_claim_are_shown_as_such() {
    let wrong = "against.constant = { value = \"2 * trace_G\", resolution = 0.15 }\nat = \"last_record\"";
    let blunt = "\n[[claim]]\nname = \"blunt\"\nsays = \"Too fine.\"\nmeasure = \"risk\"\nagainst.exact = { resolution = 0.01 }\n";
    let text = edited(
        SMALL,
        &[("against.exact = { resolution = 0.15 }", wrong), ("[[figure]]", &format!("{blunt}\n[[figure]]"))],
    );
    let (_, html) = reported(&text);
    assert!(html.contains("data-verdict=\"refuted\"") && html.contains("data-verdict=\"undecided\""));
    assert!(html.contains("replicates would decide") && html.contains("class=\"cross\""));
}

#[test]
fn a_recorded_finding_and_its_contradiction_have_badges_of_their_own() {
    let wrong = "against.constant = { value = \"2 * trace_G\", resolution = 0.15 }\nat = \"last_record\"\n\
                 finding = \"It is half of that.\"";
    let (workplace, html) = reported(&edited(SMALL, &[("against.exact = { resolution = 0.15 }", wrong)]));
    assert!(
        html.contains("data-verdict=\"refuted, as recorded\"") && html.contains("What was found: It is half of that.")
    );
    assert!(html.contains("class=\"cross\""));
    let index = std::fs::read_to_string(workplace.path("reports/README.md")).expect("an index");
    assert!(index.contains("1 claim of 1 spec: 1 refuted, as recorded."), "{index}");
    let exact = "against.exact = { resolution = 0.15 }";
    let (_, html) = reported(&edited(SMALL, &[(exact, &format!("{exact}\nfinding = \"It does not.\""))]));
    assert!(html.contains("data-verdict=\"holds, recorded as refuted\"") && !html.contains("class=\"cross\""));
}

#[test]
fn papers_have_their_titles_and_the_specs_at_the_top_come_first() {
    let workplace = Workplace::with("small", SMALL);
    let titled = ("paper = \"arXiv:2603.02417v4\"", "paper = \"P\", title = \"On <noise>\"");
    workplace.write("specs/a-folder/first.toml", &edited(SMALL, &[titled]));
    workplace.write("specs/a-folder/second.toml", &edited(SMALL, &[(titled.0, "paper = \"P\"")]));
    let page = Page::parse(&report(&workplace, Some(0)));
    let structure = page.structure();
    let at = |text: &str| structure.find(text).unwrap_or_else(|| panic!("{text} in {structure}"));
    assert!(at("h2 arXiv:2603.02417v4") < at("h2 On <noise>") && at("h2 small:") < at("h2 a-folder/first:"));
    assert_eq!(structure.matches("h2 On <noise>").count(), 1);
    let index = std::fs::read_to_string(workplace.path("reports/README.md")).expect("an index");
    assert!(index.contains("## On \\<noise\\>\n\nP. 2 not run."), "{index}");
}

#[test]
fn the_index_is_about_all_specs_or_not_written() {
    let workplace = Workplace::with("small", SMALL);
    assert_eq!(workplace.run(&["report", "specs/small.toml"]).code, Some(0));
    assert!(workplace.path("reports/index.html").exists() && !workplace.path("reports/README.md").exists());
}

#[test]
fn printed_numbers_stand_beside_ours() {
    let printed = "[[published]]\nplace = \"Table 9\"\nmeasure = \"risk\"\nratios = [PRINTED]\n\n[[figure]]";
    let workplace = Workplace::with("small", SMALL);
    workplace.run(&["run", "specs/small.toml"]);
    let count = |text: &str| text.matches("<th class=\"number\" scope=\"row\">").count();
    let recorded = &engine::Spec::load(&workplace.path("specs/small.toml"), None).expect("a spec").cells[0].recorded;
    let numbers = vec!["0.123"; recorded.len()].join(", ");
    let (workplace, html) = reported(&edited(SMALL, &[("[[figure]]", &printed.replace("PRINTED", &numbers))]));
    assert!(html.contains("Table 9 (base), published and here"));
    assert_eq!(count(&html), recorded.len());
    assert_eq!(html.matches("<td class=\"number\">0.123</td>").count(), recorded.len());
    // What stands on the page is what the report of the run says.
    let readme = String::from_utf8(workplace.contents("reports/small")["README.md"].clone()).expect("text");
    for line in readme.lines().filter(|line| line.contains("| 0.123 |")) {
        for number in line.split('|').map(str::trim).filter(|number| !number.is_empty()) {
            assert!(html.contains(&format!(">{number}<")), "{number} of {line}");
        }
    }
}

#[test]
fn the_time_that_a_run_took_is_shown_and_changes_nothing_else() {
    let (workplace, html) = reported(SMALL);
    assert!(html.contains(" s of one core"));
    std::fs::remove_file(workplace.path("reports/small/costs.toml")).expect("costs");
    let without = report(&workplace, Some(0));
    assert!(!without.contains(" of one core") && without.contains("data-verdict=\"holds\""));
}
