//! The skeleton of the page: what stands in its head, its navigation and its foot.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Site, overview, paper, spec};

/// The one style sheet and the one script.
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Nothing is loaded from anywhere.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The whole page.
pub(super) fn write(site: &Site) -> Markup {
    let papers = site.papers();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Executable claims about the noise of SGD" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                header {
                    h1 { a href="#overview" { "Executable claims about the noise of SGD" } }
                    nav aria-label="Parts of the page" {
                        a href="#overview" { "Overview" }
                        @for paper in &papers {
                            a href=(format!("#{}", paper.id())) title=(paper.identifier) { (paper.name()) }
                        }
                        button #theme type="button" hidden { "Dark" }
                    }
                }
                main #main tabindex="-1" {
                    (overview::write(site))
                    @for paper in &papers { (paper::write(paper)) }
                    @for paper in &papers {
                        @for entry in &paper.entries { (spec::write(entry, paper)) }
                    }
                }
                footer {
                    p { "Made by " code { "cargo xtask report" } ", engine " (crate::VERSION) ", from stored results alone." }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}
