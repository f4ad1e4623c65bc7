//! The first part of the page: how many claims hold, how sharply, and all of them in one table.

use maud::{Markup, html};

use super::badge::Badge;
use super::band::reach;
use super::entry::Entry;
use super::{Site, forest};
use crate::report::quantity::plural;
use crate::report::verdicts::interval;
use crate::spec::raw::RawClaim;

/// The overview.
pub(super) fn write(site: &Site) -> Markup {
    let n_claims: usize = site.entries.iter().map(|entry| entry.outline.raw.claim.len()).sum();
    html! {
        section #overview.page aria-labelledby="overview-title" {
            h2 #overview-title tabindex="-1" { "Which claims hold" }
            p.lead {
                "Sentences of papers about the noise of stochastic gradient descent, each simulated, predicted and \
                 judged with a stated error rate. " (plural(n_claims as u64, "claim")) " of " (plural(site.entries.len() as u64, "spec")) ":"
            }
            (counts(site))
            (problems(site))
            (papers(site))
            (forest::all(site))
            (reading())
            h3 #claims-title { "All claims" }
            (filter(site))
            .scroll tabindex="0" role="region" aria-labelledby="claims-title" {
                table #claims {
                    thead {
                        tr {
                            th scope="col" data-sort="" { "verdict" }
                            th scope="col" data-sort="" { "claim" }
                            th scope="col" data-sort="" { "spec" }
                            th scope="col" data-sort="" { "worst" }
                            th scope="col" { "interval" }
                            th scope="col" { "band" }
                            th scope="col" data-sort="descending" { "in its band" }
                        }
                    }
                    tbody {
                        @for (entry, n) in claims(site) { (row(entry, n, &entry.outline.raw.claim[n])) }
                    }
                }
            }
        }
    }
}

/// All claims, those that do not simply hold first.
fn claims(site: &Site) -> Vec<(&Entry, usize)> {
    let of = |entry| (0..Entry::claims(entry).len()).map(move |n| (entry, n));
    let mut claims: Vec<(&Entry, usize)> = site.entries.iter().flat_map(of).collect();
    claims.sort_by_key(|(entry, n)| entry.badge(&entry.claims()[*n]) == Badge::Holds);
    claims
}

/// A claim in one sentence: for the title of a mark.
pub(super) fn sentence(entry: &Entry, n: usize) -> String {
    let claim = &entry.outline.raw.claim[n];
    format!("{}, {}: {}. {}", entry.place, claim.name, entry.badge(claim).word(), claim.says)
}

/// What the statistic of a claim is, and how many there are.
pub(super) fn statistic(entry: &Entry, claim: &RawClaim) -> Markup {
    html! { @if let Some(judged) = entry.judged(claim) { (judged.n_tests) " × " } (claim.against.statistic()) }
}

/// The numbers of a claim as cells of a table: worst, interval, band.
pub(super) fn numbers(entry: &Entry, claim: &RawClaim) -> Markup {
    let worst = entry.judged(claim).and_then(|judged| judged.worst.as_ref());
    let finite = worst.filter(|test| test.statistic.is_finite());
    html! {
        td.number data-key=[finite.map(|test| test.statistic)] {
            @if let Some(test) = finite { (format!("{:.4}", test.statistic)) } @else { "–" }
        }
        td.number { @if let Some(test) = finite { (interval(&test.interval)) } @else { "–" } }
        td.number { @if let Some(test) = worst { (interval(&test.band)) } @else { "–" } }
    }
}

/// What the filter looks through beside what a line shows.
fn words(entry: &Entry, claim: &RawClaim) -> String {
    let source = &entry.outline.raw.source;
    let more =
        [Some(&entry.outline.raw.title), Some(&source.paper), claim.finding.as_ref(), source.correction.as_ref()];
    let more = more.into_iter().flatten().map(String::as_str);
    source.statements.iter().map(String::as_str).chain(more).collect::<Vec<_>>().join(" ")
}

fn row(entry: &Entry, n: usize, claim: &RawClaim) -> Markup {
    let badge = entry.badge(claim);
    let worst = entry.judged(claim).and_then(|judged| judged.worst.as_ref());
    html! {
        tr data-verdict=(badge.word()) data-paper=(entry.outline.raw.source.paper)
            data-text=(words(entry, claim)) {
            td data-key=(badge as u8) { (badge) }
            th scope="row" data-key=(claim.name) {
                a href=(format!("#{}", entry.claim_id(n))) { (claim.name) }
                p.says { (claim.says) }
            }
            td { a href=(format!("#{}", entry.id())) { (entry.place) } p.note { (statistic(entry, claim)) } }
            (numbers(entry, claim))
            td data-key=[worst.map(|test| reach(&test.interval, &test.band))] {
                @if let Some(test) = worst { (forest::one(badge, test)) } @else { "–" }
            }
        }
    }
}

/// How many claims of `entries` have a badge.
pub(super) fn count<'a>(entries: impl Iterator<Item = &'a Entry>, badge: Badge) -> usize {
    entries.map(|entry| entry.outline.raw.claim.iter().filter(|claim| entry.badge(claim) == badge).count()).sum()
}

/// Each paper, with the number of its claims that have each badge.
fn papers(site: &Site) -> Markup {
    html! {
        ul.papers {
            @for paper in site.papers() {
                li {
                    a href=(format!("#{}", paper.id())) { (paper.name()) }
                    " "
                    @for badge in Badge::ALL {
                        @let n = count(paper.entries.iter().copied(), badge);
                        @if n > 0 { (n) " " (badge) " " }
                    }
                    @let corrections = paper.corrections().count();
                    @if corrections > 0 { "; its text is imprecise in " (plural(corrections as u64, "place")) }
                }
            }
        }
    }
}

fn counts(site: &Site) -> Markup {
    let count = |badge: Badge| count(site.entries.iter(), badge);
    // What judges is said even where it counts nothing.
    let is_shown =
        |badge: &Badge| count(*badge) > 0 || matches!(badge, Badge::Holds | Badge::Refuted | Badge::Undecided);
    html! {
        ul.counts {
            @for badge in Badge::ALL.into_iter().filter(is_shown) { li { strong { (count(badge)) } " " (badge) } }
        }
    }
}

/// What a reader must know before believing the rest.
fn problems(site: &Site) -> Markup {
    let damage = site.damage();
    let absent = |badge: Badge| site.entries.iter().filter(move |entry| entry.overall() == badge);
    html! {
        @if !damage.is_empty() || !site.unreadable.is_empty() {
            .problems role="note" {
                h3 { "Not shown" }
                ul {
                    @for sentence in damage { li { (sentence) } }
                    @for file in &site.unreadable {
                        li { (file) ": it is no valid spec; " code { "cargo xtask validate" } " says why" }
                    }
                }
            }
        }
        @for (badge, what) in [(Badge::Stale, "Results of another version"), (Badge::NotRun, "Without results")] {
            @if absent(badge).next().is_some() {
                p { (what) ": " @for (i, entry) in absent(badge).enumerate() {
                    @if i > 0 { ", " } a href=(format!("#{}", entry.id())) { (entry.place) }
                } "." }
            }
        }
    }
}

fn filter(site: &Site) -> Markup {
    html! {
        // Without scripts there is nothing to filter with.
        form #filter hidden role="search" {
            label {
                "Find "
                input #filter-text type="search" placeholder="words of a claim, spec or statement" autocomplete="off";
            }
            label {
                "Verdict "
                select #filter-verdict {
                    option value="" { "all" }
                    @for badge in Badge::ALL { option value=(badge.word()) { (badge.word()) } }
                }
            }
            label {
                "Paper "
                select #filter-paper {
                    option value="" { "all" }
                    @for paper in site.papers() { option value=(paper.identifier) { (paper.name()) } }
                }
            }
            output #filter-count for="filter-text filter-verdict filter-paper" {}
        }
    }
}

fn reading() -> Markup {
    html! {
        details {
            summary { "How to read this" }
            p {
                "A claim is a set of statistics that should lie in a band, for instance measured values divided by \
                 their law in 1 ± 0.02. A table shows the one nearest to, or farthest beyond, an end of its band, with \
                 an interval that allows for all tests of its spec at once. Each spec states its error rate: the chance \
                 that a true claim of it is refuted, or a false one holds."
            }
            dl {
                dt { (Badge::Holds) } dd { "every interval lies inside its band: right to within the stated resolution" }
                dt { (Badge::Refuted) } dd { "a statistic lies outside its band, beyond the error rate of the spec" }
                dt { (Badge::Finding) }
                dd { "the claim of the paper is refuted; the spec says so, and what was found instead" }
                dt { (Badge::Undecided) } dd { "an interval reaches beyond an end of its band: more replicates would usually tell" }
                dt { (Badge::Stale) } dd { "there are results, but of another version of the spec: they are not shown" }
                dt { (Badge::NotRun) } dd { "there are no results" }
                dt { (Badge::Damaged) } dd { "the results are not what their hashes say: they are not shown" }
            }
        }
    }
}
