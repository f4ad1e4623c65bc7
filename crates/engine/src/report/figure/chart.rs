//! Lines, dots with bars, bands and a legend on two axes, drawn by `kuva`; the only module that knows the plotting crate.

mod grid;
mod rows;

use std::sync::Arc;

use kuva::plot::legend::LegendPosition;
use kuva::prelude::*;

use super::axis::{LEAST, decades, extent, room, tick};
use super::finish::finished;

pub(super) use grid::Grid;
pub(super) use rows::{Row, rows};

/// Colours that stay apart for colour-blind readers and on light and dark pages (Okabe and Ito's set, without black).
const COLOURS: [&str; 8] = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#7F7F7F", "#A6761D"];

/// Shapes of dots: no two of the first 24 series share colour and shape.
const MARKERS: [MarkerShape; 6] = [
    MarkerShape::Circle,
    MarkerShape::Square,
    MarkerShape::Triangle,
    MarkerShape::Diamond,
    MarkerShape::TriangleDown,
    MarkerShape::Pentagon,
];

/// The most entries of a legend beside the axes, and the most letters of one; a larger one stands below.
const TALLEST_LEGEND: usize = 24;
const WIDEST_LEGEND: usize = 42;

/// The size of a figure without a legend below it.
const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 540.0;

/// The radii of the first and the last series' dots.
const LARGEST_DOT: f64 = 4.6;
const SMALLEST_DOT: f64 = 3.4;

/// The most letters of a line above the axes.
const LONGEST_TITLE: usize = 70;
const LONGEST_SUBTITLE: usize = 110;

/// How much of the page a band covers.
const OPACITY: f64 = 0.2;

/// Whose colour something has.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ink {
    /// The n-th series'.
    Series(usize),
    /// Black; white on a dark page.
    Black,
}

impl Ink {
    fn colour(self) -> &'static str {
        match self {
            Ink::Series(n) => COLOURS[n % COLOURS.len()],
            Ink::Black => "black",
        }
    }
}

/// How a line is drawn, and so what it says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Stroke {
    /// The exact law, or what is measured.
    Solid,
    /// The leading order.
    Dashed,
    /// A limit.
    Dotted,
}

/// A measured value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dot {
    pub(super) x: f64,
    pub(super) y: f64,
    /// Its standard error.
    pub(super) error: f64,
}

impl Dot {
    /// ±2 standard errors.
    fn bar(&self, floor: f64) -> (f64, f64) {
        ((self.y - 2.0 * self.error).max(floor.min(self.y)), self.y + 2.0 * self.error)
    }

    fn has_bar(&self) -> bool {
        self.error > 0.0 && self.error.is_finite()
    }
}

/// What stands around the axes.
pub(super) struct Words<'a> {
    pub(super) title: &'a str,
    pub(super) subtitle: &'a str,
    pub(super) x: &'a str,
    pub(super) y: &'a str,
}

/// The n-th series of dots.
struct Series {
    n: usize,
    label: String,
    dots: Vec<Dot>,
    /// Whether a line through the dots and a band around them stand for the bars.
    banded: bool,
}

/// A figure in the making. What cannot stand on its axes, such as a zero on a logarithmic one, is left out.
pub(super) struct Chart {
    log_x: bool,
    log_y: bool,
    equal_aspect: bool,
    lines: Vec<LinePlot>,
    /// Lines that stretch the axes only so far.
    guests: Vec<LinePlot>,
    series: Vec<Series>,
    reference: Option<(f64, String)>,
}

impl Chart {
    pub(super) fn new(log_x: bool, log_y: bool) -> Self {
        let (lines, guests, series) = (Vec::new(), Vec::new(), Vec::new());
        Chart { log_x, log_y, equal_aspect: false, lines, guests, series, reference: None }
    }

    /// A chart on which a circle is round.
    pub(super) fn plane() -> Self {
        Chart { equal_aspect: true, ..Chart::new(false, false) }
    }

    /// Whether a point can stand on the axes.
    pub(super) fn shows(&self, x: f64, y: f64) -> bool {
        let stands = |value: f64, log: bool| value.is_finite() && (!log || value >= LEAST);
        stands(x, self.log_x) && stands(y, self.log_y)
    }

    /// Adds a line through points, with an entry in the legend if it has a label.
    pub(super) fn line(&mut self, points: &[(f64, f64)], ink: Ink, width: f64, stroke: Stroke, label: Option<&str>) {
        let line = self.line_plot(points, ink, width, stroke);
        self.lines.extend(line.map(|line| match label {
            Some(label) => line.with_legend(label),
            None => line,
        }));
    }

    /// Adds a line that stretches the axes only a little: what lies far from the lines and dots so far is cut off. Says
    /// whether any of it can be seen.
    pub(super) fn guest(&mut self, points: &[(f64, f64)], ink: Ink, width: f64, stroke: Stroke) -> bool {
        let Some((low, high)) = self.heights().map(|heights| room(heights, self.log_y)) else { return false };
        let line = self.line_plot(points, ink, width, stroke);
        let seen = line.filter(|line| line.data.iter().any(|point| (low..=high).contains(&point.y)));
        let is_seen = seen.is_some();
        self.guests.extend(seen);
        is_seen
    }

    fn heights(&self) -> Option<(f64, f64)> {
        extent(self.points().map(|(_, y)| y))
    }

    fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        let dots = self.series.iter().flat_map(|series| &series.dots).map(|dot| (dot.x, dot.y));
        dots.chain(self.lines.iter().flat_map(|line| &line.data).map(|point| (point.x, point.y)))
    }

    fn line_plot(&self, points: &[(f64, f64)], ink: Ink, width: f64, stroke: Stroke) -> Option<LinePlot> {
        let shown: Vec<(f64, f64)> = points.iter().copied().filter(|(x, y)| self.shows(*x, *y)).collect();
        let style = match stroke {
            Stroke::Solid => LineStyle::Solid,
            Stroke::Dashed => LineStyle::Custom("8 4".to_owned()),
            Stroke::Dotted => LineStyle::Custom("2 3".to_owned()),
        };
        let line = LinePlot::new().with_data(shown).with_color(ink.colour()).with_stroke_width(width);
        Some(line.with_line_style(style)).filter(|line| !line.data.is_empty())
    }

    /// Adds the n-th series of dots, each with a bar of ±2 standard errors; says whether any can be seen.
    pub(super) fn dots(&mut self, dots: Vec<Dot>, n: usize, label: &str) -> bool {
        self.add(dots, n, label, false)
    }

    /// The same with a line through the dots and a band in place of their bars.
    pub(super) fn banded(&mut self, dots: Vec<Dot>, n: usize, label: &str) -> bool {
        self.add(dots, n, label, true)
    }

    fn add(&mut self, dots: Vec<Dot>, n: usize, label: &str, banded: bool) -> bool {
        let dots: Vec<Dot> = dots.into_iter().filter(|dot| self.shows(dot.x, dot.y)).collect();
        let any = !dots.is_empty();
        if any {
            self.series.push(Series { n, label: label.to_owned(), dots, banded });
        }
        any
    }

    /// A horizontal black line across the axes.
    pub(super) fn reference(&mut self, reference: Option<&(f64, String)>) {
        self.reference = reference.cloned();
    }

    /// The SVG; `None` if there is nothing on it.
    pub(super) fn svg(mut self, words: &Words<'_>) -> Option<String> {
        let (left, right) = extent(self.points().map(|(x, _)| x))?;
        let (lowest, highest) = self.heights()?;
        if let Some((value, label)) = self.reference.take() {
            self.line(&[(left, value), (right, value)], Ink::Black, 1.5, Stroke::Solid, Some(&label));
        }
        // A bar that reaches below 0 ends below all values of a logarithmic axis, and does not stretch it.
        let floor = if self.log_y { 0.7 * lowest } else { f64::NEG_INFINITY };
        let (log_x, log_y, equal_aspect) = (self.log_x, self.log_y, self.equal_aspect);
        let banded = self.series.iter().filter(|series| series.banded);
        let mut plots: Vec<Plot> = banded.flat_map(|series| band(series, floor)).collect();
        plots.extend(self.lines.into_iter().map(Plot::from));
        plots.extend(self.series.iter().flat_map(|series| bars(series, floor)).map(Plot::from));
        // Later dots are smaller, so that those below them are seen.
        let last = self.series.len().saturating_sub(1).max(1) as f64;
        plots.extend(self.series.into_iter().enumerate().map(|(i, Series { n, label, dots, .. })| {
            let points: Vec<(f64, f64)> = dots.iter().map(|dot| (dot.x, dot.y)).collect();
            let plot = ScatterPlot::new().with_data(points).with_color(Ink::Series(n).colour());
            let plot = plot.with_marker(MARKERS[n % MARKERS.len()]).with_legend(label);
            Plot::from(plot.with_size(LARGEST_DOT - (LARGEST_DOT - SMALLEST_DOT) * i as f64 / last))
        }));
        let (low, high) = room((lowest, highest), log_y);
        let near = |line: &LinePlot| -> Option<Plot> {
            let near = line.data.iter().map(|point| (point.x, point.y)).filter(|(_, y)| (low..=high).contains(y));
            let near: Vec<(f64, f64)> = near.collect();
            (!near.is_empty()).then(|| LinePlot::new().with_data(near).into())
        };
        let hosts = plots.len();
        plots.extend(self.guests.iter().filter_map(near));
        let bounds: Vec<_> = plots.iter().filter_map(Plot::bounds).collect();
        let mut layout = framed(Layout::auto_from_plots(&plots), words);
        plots.truncate(hosts);
        plots.splice(0..0, self.guests.into_iter().map(Plot::from));
        layout = with_legend(layout, &plots);
        let (xs, ys) = (bounds.iter().map(|bounds| bounds.0), bounds.iter().map(|bounds| bounds.1));
        if let Some((low, high)) = extent(xs.flat_map(<[f64; 2]>::from)).filter(|_| log_x) {
            let (low, high) = decades(low, high);
            layout = layout.with_log_x().with_x_axis_min(low).with_x_axis_max(high);
        }
        if let Some((low, high)) = extent(ys.flat_map(<[f64; 2]>::from)).filter(|_| log_y) {
            let (low, high) = decades(low, high);
            layout = layout.with_log_y().with_y_axis_min(low).with_y_axis_max(high);
        }
        if equal_aspect {
            layout = layout.with_equal_aspect();
        }
        Some(finished(&render_to_svg(plots, layout)))
    }
}

/// The layout with its words, colours and numbers.
fn framed(layout: Layout, words: &Words<'_>) -> Layout {
    let theme = Theme { grid_color: "#d9d9d9".to_owned(), legend_border: "#d9d9d9".to_owned(), ..Theme::light() };
    layout
        .with_theme(theme)
        .with_title(words.title)
        .with_title_wrap(LONGEST_TITLE)
        .with_subtitle(words.subtitle)
        .with_subtitle_wrap(LONGEST_SUBTITLE)
        .with_x_label(words.x)
        .with_y_label(words.y)
        .with_width(WIDTH)
        .with_height(HEIGHT)
        .with_tick_format(TickFormat::Custom(Arc::new(tick)))
}

/// The bars of ±2 standard errors of a series, none below `floor`.
fn bars(series: &Series, floor: f64) -> impl Iterator<Item = LinePlot> {
    series.dots.iter().filter(|dot| !series.banded && dot.has_bar()).map(move |dot| {
        let (low, high) = dot.bar(floor);
        let colour = Ink::Series(series.n).colour();
        LinePlot::new().with_data([(dot.x, low), (dot.x, high)]).with_color(colour).with_stroke_width(1.2)
    })
}

/// The line through the dots of a series with its band, not below `floor`.
fn band(series: &Series, floor: f64) -> [Plot; 2] {
    let bar = |dot: &Dot| if dot.has_bar() { dot.bar(floor) } else { (dot.y, dot.y) };
    let (low, high): (Vec<f64>, Vec<f64>) = series.dots.iter().map(bar).unzip();
    let (x, means) = (series.dots.iter().map(|dot| dot.x), series.dots.iter().map(|dot| (dot.x, dot.y)));
    let colour = Ink::Series(series.n).colour();
    let band = BandPlot::new(x, low, high).with_color(colour).with_opacity(OPACITY);
    [band.into(), LinePlot::new().with_data(means).with_color(colour).with_stroke_width(1.0).into()]
}

/// The layout with a legend beside the axes, or in columns below them if it is large; the axes keep their height.
fn with_legend(layout: Layout, plots: &[Plot]) -> Layout {
    let entries = collect_legend_entries(plots);
    let longest = entries.iter().map(|entry| entry.label.chars().count()).max().unwrap_or(0);
    if entries.len() <= TALLEST_LEGEND && longest <= WIDEST_LEGEND {
        // Title and subtitle stand above the axes, which are narrower beside a wide legend.
        let layout = layout.with_subtitle_wrap(LONGEST_SUBTITLE - longest.saturating_sub(12));
        return layout.with_legend_position(LegendPosition::OutsideRightTop);
    }
    let columns = (110 / (longest + 6)).max(1);
    let rows = entries.len().div_ceil(columns);
    layout
        .with_legend_position(LegendPosition::OutsideBottomColumns)
        .with_legend_entries(entries)
        .with_legend_col_limit(columns)
        .with_legend_box(false)
        .with_height(HEIGHT + 18.0 * rows as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_stand_on_an_axis_is_left_out() {
        let mut chart = Chart::new(true, true);
        let dot = |x, y| Dot { x, y, error: 0.1 };
        assert!(!chart.dots(vec![dot(0.0, 1.0), dot(1.0, -1.0), dot(1.0, f64::NAN)], 0, "nothing"));
        let words = Words { title: "", subtitle: "", x: "", y: "" };
        assert!(chart.svg(&words).is_none());
    }
}
