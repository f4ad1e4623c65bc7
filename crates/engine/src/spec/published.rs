//! The numbers of a paper: names resolved, one for each recorded step.

use super::cell::Cell;
use super::claims::Measure;
use super::diagnostic::{Problems, nearest, quote};
use super::node::Node;
use super::raw::RawSpec;

/// Ratios that a paper printed.
#[derive(Debug, Clone)]
pub struct Published {
    /// Where they stand.
    pub place: String,
    /// Which measure they are about.
    pub measure: usize,
    /// Which component.
    pub component: usize,
    /// The first cell of the variant.
    pub cell: usize,
    /// measured / law, at each recorded step.
    pub ratios: Vec<f64>,
}

/// The published numbers of a spec.
pub fn published(
    raw: &RawSpec,
    root: &Node,
    measures: &[Measure],
    variants: &[String],
    cells: &[Cell],
    problems: &mut Problems,
) -> Vec<Published> {
    let mut all = Vec::new();
    for (i, published) in raw.published.iter().enumerate() {
        let mut fail = |key: &str, message: String, help: Option<String>| {
            problems.add(&root.locate(&format!("published.{i}.{key}")).span, message, help);
        };
        let mut find = |key: &str, name: &str, known: Vec<&str>| {
            let found = known.iter().position(|candidate| *candidate == name);
            if found.is_none() {
                let help =
                    nearest(name, known.iter().copied()).unwrap_or_else(|| format!("known: {}", known.join(", ")));
                fail(key, format!("there is no {key} named \"{}\"", quote(name)), Some(help));
            }
            found
        };
        let names = measures.iter().map(|measure| measure.name.as_str()).collect();
        let measure = find("measure", &published.measure, names);
        let variant = match &published.variant {
            None => Some(0),
            Some(name) => find("variant", name, variants.iter().map(String::as_str).collect()),
        };
        let (Some(measure), Some(cell)) = (measure, variant) else { continue };
        let component = published.component.unwrap_or(1);
        let n = measures[measure].n_components;
        if !(1..=n).contains(&component) {
            fail("component", format!("component is {component}: it must lie between 1 and {n}"), None);
            continue;
        }
        let Some(resolved) = cells.get(cell) else { continue };
        let (given, expected) = (published.ratios.len(), resolved.recorded.len());
        if given != expected {
            let message = format!("ratios has {given} numbers, but {expected} steps are recorded");
            fail("ratios", message, None);
            continue;
        }
        all.push(Published {
            place: published.place.clone(),
            measure,
            component: component - 1,
            cell,
            ratios: published.ratios.clone(),
        });
    }
    all
}
