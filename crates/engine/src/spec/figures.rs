//! Figures: which measure of which cells each kind shows, and along which axes.

use dynamics::{Moments, Observable};

use super::cell::Cell;
use super::claims::{At, Measure};
use super::diagnostic::{Problems, quote};
use super::node::Node;
use super::raw::{
    RawAt, RawAxis, RawCurves, RawDirectionSource, RawDraw, RawEllipses, RawForest, RawMeasure, RawObservable,
    RawReference, RawRelation, RawScatter, RawSpec, RawSweepFigure,
};
use super::section::{Section, check_names};

pub use super::heat_map::{HeatAxis, HeatMap, Shade};
pub use super::variant_ratio::VariantRatio;

/// What to draw.
#[derive(Debug, Clone)]
pub struct Figure {
    /// The name of its file, without the ending.
    pub name: String,
    /// The line above it.
    pub title: String,
    /// Which measure it shows; the first for a forest, which shows claims.
    pub measure: usize,
    /// Which cells it shows, by their order; `None` for all.
    pub only_in: Option<Vec<bool>>,
    /// How.
    pub draw: Draw,
}

/// Kinds of figures.
#[derive(Debug, Clone)]
pub enum Draw {
    /// The measure along the path.
    Curves(Curves),
    /// The measure at the last recorded step over the sweep.
    Sweep(Sweep),
    /// The measure against its law.
    Scatter(Scatter),
    /// The ellipses of a second moment in two directions.
    Ellipses(Ellipses),
    /// The measure against another one, component by component.
    Relation(Relation),
    /// The measure over two axes.
    HeatMap(HeatMap),
    /// The measure under some variants over that under another.
    VariantRatio(VariantRatio),
    /// The claims.
    Forest(Forest),
}

/// A measure along the path.
#[derive(Debug, Clone)]
pub struct Curves {
    /// Which component.
    pub component: usize,
    /// Other measures beside it, each by its first component.
    pub others: Vec<usize>,
    /// Whether the limit is drawn.
    pub limit: bool,
    /// Whether the leading order is drawn.
    pub leading_order: bool,
    /// Whether the horizontal axis is time rather than steps.
    pub over_time: bool,
    /// The label of the horizontal axis.
    pub x_label: String,
    /// Whether the horizontal axis is logarithmic.
    pub log_x: bool,
    /// The label of the vertical axis.
    pub y_label: String,
    /// Whether the vertical axis is logarithmic.
    pub log_y: bool,
    /// From which step on the slope of the dots is stated.
    pub fit_from: Option<u64>,
    /// A horizontal line and its label.
    pub reference: Option<(f64, String)>,
}

/// A measure over the sweep.
#[derive(Debug, Clone)]
pub struct Sweep {
    /// Which component.
    pub component: usize,
    /// The abscissa of each cell.
    pub over: Vec<f64>,
    /// The label of the horizontal axis.
    pub x_label: String,
    /// The label of the vertical axis.
    pub y_label: String,
    /// Whether the horizontal axis is logarithmic.
    pub log_x: bool,
    /// Whether the vertical axis is logarithmic.
    pub log_y: bool,
    /// Whether the leading order is drawn.
    pub leading_order: bool,
    /// Whether the slope of the dots is stated.
    pub fit: bool,
    /// A horizontal line and its label.
    pub reference: Option<(f64, String)>,
}

/// A measure against its law.
#[derive(Debug, Clone)]
pub struct Scatter {
    /// Whether the axes are logarithmic.
    pub log: bool,
    /// At which recorded steps.
    pub at: At,
}

/// A second moment in two directions.
#[derive(Debug, Clone)]
pub struct Ellipses {
    /// What the two axes are.
    pub labels: [String; 2],
}

/// A measure against another one, component by component, at the last recorded step.
#[derive(Debug, Clone)]
pub struct Relation {
    /// The measure of the horizontal axis; `None` for the curvature along the components.
    pub over: Option<usize>,
    /// The label of the horizontal axis.
    pub x_label: String,
    /// The label of the vertical axis.
    pub y_label: String,
    /// Whether the axes are logarithmic.
    pub log: bool,
}

/// Claims side by side.
#[derive(Debug, Clone)]
pub struct Forest {
    /// Which, by their order.
    pub claims: Vec<usize>,
}

impl Figure {
    /// The cells that it shows, with their order.
    pub fn cells<'a>(&'a self, cells: &'a [Cell]) -> impl Iterator<Item = (usize, &'a Cell)> {
        cells.iter().enumerate().filter(|(c, _)| self.only_in.as_ref().is_none_or(|kept| kept[*c]))
    }
}

/// The figures of a spec.
pub fn figures(
    raw: &RawSpec,
    root: &Node,
    measures: &[Measure],
    variants: &[String],
    cells: &[Cell],
    problems: &mut Problems,
) -> Vec<Figure> {
    let names: Vec<&str> = raw.figure.iter().map(|figure| figure.name.as_str()).collect();
    check_names("figure", &names, root, problems);
    let mut figures = Vec::new();
    for (i, figure) in raw.figure.iter().enumerate() {
        let (name, title) = (figure.name.clone(), figure.title.clone());
        let (kind, measure, condition) = match &figure.draw {
            RawDraw::Forest(forest) => {
                let mut cx = Section { root, cells, path: format!("figure.{i}.draw.forest"), problems };
                let draw = cx.forest(forest, raw);
                figures.extend(draw.map(|draw| Figure { name, title, measure: 0, only_in: None, draw }));
                continue;
            }
            RawDraw::Curves(raw) => ("curves", &raw.measure, &raw.only_where),
            RawDraw::Sweep(raw) => ("sweep", &raw.measure, &raw.only_where),
            RawDraw::Scatter(raw) => ("scatter", &raw.measure, &raw.only_where),
            RawDraw::Ellipses(raw) => ("ellipses", &raw.measure, &raw.only_where),
            RawDraw::Relation(raw) => ("relation", &raw.measure, &raw.only_where),
            RawDraw::HeatMap(raw) => ("heat_map", &raw.measure, &raw.only_where),
            RawDraw::Ratio(raw) => ("ratio", &raw.measure, &raw.only_where),
        };
        let mut cx = Section { root, cells, path: format!("figure.{i}.draw.{kind}"), problems };
        let known = measures.iter().map(|measure| measure.name.as_str());
        let Some(measure) = cx.find("measure", "measure", measure, known) else { continue };
        let mut only_in = cx.kept("where", condition.as_deref());
        if let RawDraw::HeatMap(raw) = &figure.draw {
            only_in = cx.of_variant(raw, variants, only_in);
        }
        if only_in.as_ref().is_some_and(|kept| !kept.is_empty() && !kept.contains(&true)) {
            cx.fail("where", "no cell is left: nothing would be drawn".to_owned());
        }
        let draw = match &figure.draw {
            RawDraw::Curves(raw) => cx.curves(raw, measure, measures),
            RawDraw::Sweep(raw) => cx.sweep(raw, &measures[measure], only_in.as_deref()),
            RawDraw::Scatter(raw) => Some(cx.scatter(raw, measure)),
            RawDraw::Ellipses(ellipses) => cx.ellipses(ellipses, &raw.measure[measure]),
            RawDraw::Relation(raw) => cx.relation(raw, measure, measures),
            RawDraw::HeatMap(raw) => cx.heat_map(raw, measure, &measures[measure], only_in.as_deref()),
            RawDraw::Ratio(raw) => cx.variant_ratio(raw, variants, &mut only_in),
            RawDraw::Forest(_) => None,
        };
        figures.extend(draw.map(|draw| Figure { name, title, measure, only_in, draw }));
    }
    figures
}

impl Section<'_> {
    fn curves(&mut self, raw: &RawCurves, measure: usize, measures: &[Measure]) -> Option<Draw> {
        let names = || measures.iter().map(|measure| measure.name.as_str());
        let others = raw.others.iter().flatten().enumerate();
        let others: Vec<_> =
            others.map(|(i, name)| self.find(&format!("others.{i}"), "measure", name, names())).collect();
        let over_time = raw.x == RawAxis::Time;
        let (log_x, log_y) = (raw.log_x.unwrap_or(true), raw.log_y.unwrap_or(true));
        self.check_fit("fit_from", raw.fit_from.is_some(), log_x && log_y);
        Some(Draw::Curves(Curves {
            component: self.component(raw.component, &measures[measure]),
            others: others.into_iter().collect::<Option<_>>()?,
            limit: raw.limit.unwrap_or(true),
            leading_order: raw.leading_order.unwrap_or(true),
            over_time,
            x_label: raw.x_label.clone().unwrap_or_else(|| if over_time { "time t" } else { "step k" }.to_owned()),
            log_x,
            y_label: raw.y_label.clone(),
            log_y,
            fit_from: raw.fit_from,
            reference: self.reference(raw.reference.as_ref()),
        }))
    }

    fn relation(&mut self, raw: &RawRelation, measure: usize, measures: &[Measure]) -> Option<Draw> {
        let names = measures.iter().map(|measure| measure.name.as_str());
        let over = match &raw.over {
            Some(name) => Some(self.find("over", "measure", name, names)?),
            None => None,
        };
        let has_curvature = |cell: &Cell| cell.observers[measure].curvatures.is_some();
        if over.is_none() && !self.cells.iter().all(has_curvature) {
            let help = "name another measure in `over`";
            let message = format!("the directions of `{}` have no curvature to be drawn against", quote(&raw.measure));
            self.add("measure", message, Some(help.to_owned()));
            return None;
        }
        let (n, m) = (measures[measure].n_components, over.map(|over| measures[over].n_components));
        if m.is_some_and(|m| m != n) {
            let message = format!("the two measures have {n} and {} components", m.unwrap_or(0));
            self.fail("over", message);
            return None;
        }
        Some(Draw::Relation(Relation {
            over,
            x_label: raw.x_label.clone(),
            y_label: raw.y_label.clone(),
            log: raw.log.unwrap_or(true),
        }))
    }

    fn sweep(&mut self, raw: &RawSweepFigure, measure: &Measure, only_in: Option<&[bool]>) -> Option<Draw> {
        let component = self.component(raw.component, measure);
        let reference = self.reference(raw.reference.as_ref());
        let over = self.in_each_cell("over", &raw.over)?;
        let is_shown = |c: usize| only_in.is_none_or(|kept| kept[c]);
        let mut shown = over.iter().enumerate().filter(|(c, _)| is_shown(*c)).map(|(_, value)| *value);
        if let Some(first) = shown.next()
            && shown.all(|value| value == first)
        {
            let message = format!("`{}` is the same in all cells: a sweep shows how they differ", quote(&raw.over));
            self.fail("over", message);
        }
        let (log_x, log_y) = (raw.log_x.unwrap_or(true), raw.log_y.unwrap_or(true));
        let fit = raw.fit.unwrap_or(false);
        self.check_fit("fit", fit, log_x && log_y);
        Some(Draw::Sweep(Sweep {
            component,
            over,
            x_label: raw.x_label.clone().unwrap_or_else(|| raw.over.clone()),
            y_label: raw.y_label.clone(),
            log_x,
            log_y,
            leading_order: raw.leading_order.unwrap_or(true),
            fit,
            reference,
        }))
    }

    fn check_fit(&mut self, key: &str, is_wanted: bool, are_logarithmic: bool) {
        if is_wanted && !are_logarithmic {
            let help = format!("remove `log_x = false` and `log_y = false`, or `{key}`");
            self.add(key, "a slope is fitted on two logarithmic axes".to_owned(), Some(help));
        }
    }

    fn scatter(&mut self, raw: &RawScatter, measure: usize) -> Draw {
        if !self.cells.is_empty() && !self.cells.iter().any(|cell| has_law(cell, measure)) {
            let help = "draw.curves and draw.sweep show measures without a law";
            self.add(
                "measure",
                "no cell has a law of this measure to draw it against".to_owned(),
                Some(help.to_owned()),
            );
        }
        let at = match raw.at {
            None | Some(RawAt::LastRecord) => At::LastRecord,
            Some(RawAt::EveryRecord) => At::EveryRecord,
            Some(RawAt::FirstRecord) => At::FirstRecord,
        };
        Draw::Scatter(Scatter { log: raw.log.unwrap_or(false), at })
    }

    fn ellipses(&mut self, raw: &RawEllipses, measure: &RawMeasure) -> Option<Draw> {
        let RawObservable::SecondMoment(directions) = &measure.observe else {
            let message = format!("`{}` is no second moment: it has no ellipse", quote(&raw.measure));
            let help = "observe.second_moment = { of = …, top = 2 } records one";
            self.add("measure", message, Some(help.to_owned()));
            return None;
        };
        if directions.top != 2 {
            let message = format!(
                "`{}` is a second moment in {} directions: an ellipse needs 2",
                quote(&raw.measure),
                directions.top
            );
            self.add("measure", message, Some("observe it with top = 2".to_owned()));
            return None;
        }
        let axis = |n: &str| match directions.of {
            RawDirectionSource::Coordinates => format!("e{n}, coordinate of the error"),
            RawDirectionSource::Noise => format!("u{n}ᵀe along the eigenvectors of G"),
            RawDirectionSource::Curvature => format!("u{n}ᵀe along the eigenvectors of H"),
            RawDirectionSource::Fisher => format!("u{n}ᵀe along the eigenvectors of F"),
        };
        Some(Draw::Ellipses(Ellipses { labels: [axis("₁"), axis("₂")] }))
    }

    fn forest(&mut self, forest: &RawForest, raw: &RawSpec) -> Option<Draw> {
        let names = || raw.claim.iter().map(|claim| claim.name.as_str());
        let Some(named) = &forest.claims else {
            return Some(Draw::Forest(Forest { claims: (0..raw.claim.len()).collect() }));
        };
        if named.is_empty() {
            self.fail("claims", "no claim is named: leave `claims` out to draw all".to_owned());
        }
        let named = named.iter().enumerate();
        let claims: Vec<_> = named.map(|(i, name)| self.find(&format!("claims.{i}"), "claim", name, names())).collect();
        Some(Draw::Forest(Forest { claims: claims.into_iter().collect::<Option<_>>()? }))
    }

    /// A component, counted from 0.
    pub(super) fn component(&mut self, raw: Option<usize>, measure: &Measure) -> usize {
        let (component, n) = (raw.unwrap_or(1), measure.n_components);
        if !(1..=n.max(1)).contains(&component) {
            let message =
                format!("component is {component}: it must lie between 1 and {n}, as many as `{}` has", measure.name);
            self.fail("component", message);
        }
        component.saturating_sub(1)
    }

    pub(super) fn reference(&mut self, raw: Option<&RawReference>) -> Option<(f64, String)> {
        let (line, cell) = (raw?, self.cells.first()?);
        let value = self.evaluate("reference.value", &line.value, &cell.scalars)?;
        Some((value, line.label.clone()))
    }
}

/// Whether a law says what a measure is at some recorded step of a cell.
pub(super) fn has_law(cell: &Cell, measure: usize) -> bool {
    let observer = &cell.observers[measure];
    if matches!(observer.observable, Observable::Exceeds { .. }) {
        return false;
    }
    // A process of errors has a law of every step or of none, a model of some readings at the start.
    let steps: &[u64] = if cell.process.lanes() == 1 { &cell.recorded } else { &[] };
    let components = 0..observer.observable.n_components();
    let tells = |path: Vec<Moments>| {
        let tells = |n: usize| components.clone().any(|c| observer.expected(n, &path, None, c).is_some());
        steps.is_empty() || (0..path.len()).any(tells)
    };
    [cell.process.exact(steps), cell.process.limit(steps)].into_iter().flatten().any(tells)
}
