//! Lines, dots with bars and a legend on two axes, drawn by `kuva`; the only module that knows the plotting crate.

use std::sync::Arc;

use kuva::plot::legend::LegendPosition;
use kuva::prelude::*;

/// Colours that stay apart for colour-blind readers and on light and dark pages (Okabe and Ito's set, without black).
const COLOURS: [&str; 8] = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#7F7F7F", "#A6761D"];

/// Shapes of dots: the next one is taken when the colours begin again.
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
const WIDEST_LEGEND: usize = 36;

/// The size of a figure without a legend below it.
const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 540.0;

/// The radii of the first and the last series' dots.
const LARGEST_DOT: f64 = 4.2;
const SMALLEST_DOT: f64 = 3.0;

/// The least value that the plotting crate's logarithmic axes know.
const LEAST: f64 = 1e-10;

/// Whose colour something has.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ink {
    /// The n-th series'.
    Series(usize),
    /// Black.
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

/// A measured value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dot {
    pub(super) x: f64,
    pub(super) y: f64,
    /// Its standard error.
    pub(super) error: f64,
}

/// What stands around the axes.
pub(super) struct Words<'a> {
    pub(super) title: &'a str,
    pub(super) subtitle: &'a str,
    pub(super) x: &'a str,
    pub(super) y: &'a str,
}

/// A figure in the making. What cannot stand on its axes, such as a zero on a logarithmic one, is left out.
pub(super) struct Chart {
    log_x: bool,
    log_y: bool,
    equal_aspect: bool,
    lines: Vec<LinePlot>,
    series: Vec<(usize, String, Vec<Dot>)>,
    reference: Option<(f64, String)>,
}

impl Chart {
    pub(super) fn new(log_x: bool, log_y: bool) -> Self {
        Chart { log_x, log_y, equal_aspect: false, lines: Vec::new(), series: Vec::new(), reference: None }
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
    pub(super) fn line(&mut self, points: &[(f64, f64)], ink: Ink, width: f64, dashed: bool, label: Option<&str>) {
        let shown: Vec<(f64, f64)> = points.iter().copied().filter(|(x, y)| self.shows(*x, *y)).collect();
        if shown.is_empty() {
            return;
        }
        let style = if dashed { LineStyle::Custom("6 4".to_owned()) } else { LineStyle::Solid };
        let line = LinePlot::new().with_data(shown).with_color(ink.colour()).with_stroke_width(width);
        let line = line.with_line_style(style);
        self.lines.push(match label {
            Some(label) => line.with_legend(label),
            None => line,
        });
    }

    /// Adds the n-th series of dots, each with a bar of ±2 standard errors; says whether any can be seen.
    pub(super) fn dots(&mut self, dots: Vec<Dot>, n: usize, label: &str) -> bool {
        let shown: Vec<Dot> = dots.into_iter().filter(|dot| self.shows(dot.x, dot.y)).collect();
        let any = !shown.is_empty();
        if any {
            self.series.push((n, label.to_owned(), shown));
        }
        any
    }

    /// A horizontal black line across the axes.
    pub(super) fn reference(&mut self, reference: Option<&(f64, String)>) {
        self.reference = reference.cloned();
    }

    /// The SVG; `None` if there is nothing on it.
    pub(super) fn svg(mut self, words: &Words<'_>) -> Option<String> {
        let points = || {
            let dots = self.series.iter().flat_map(|(_, _, dots)| dots).map(|dot| (dot.x, dot.y));
            dots.chain(self.lines.iter().flat_map(|line| &line.data).map(|point| (point.x, point.y)))
        };
        let (left, right) = extent(points().map(|(x, _)| x))?;
        let (lowest, _) = extent(points().map(|(_, y)| y))?;
        if let Some((value, label)) = self.reference.take() {
            self.line(&[(left, value), (right, value)], Ink::Black, 1.5, false, Some(&label));
        }
        // A bar that reaches below 0 ends below all values of a logarithmic axis, and does not stretch it.
        let floor = if self.log_y { 0.7 * lowest } else { f64::NEG_INFINITY };
        let bars: Vec<LinePlot> = self.series.iter().flat_map(|(n, _, dots)| bars(dots, *n, floor)).collect();
        let (log_x, log_y, equal_aspect) = (self.log_x, self.log_y, self.equal_aspect);
        // Later dots are smaller, so that those below them are seen.
        let last = self.series.len().saturating_sub(1).max(1) as f64;
        let series = self.series.into_iter().enumerate().map(|(i, (n, label, dots))| {
            let marker = MARKERS[n / COLOURS.len() % MARKERS.len()];
            let points: Vec<(f64, f64)> = dots.iter().map(|dot| (dot.x, dot.y)).collect();
            let plot = ScatterPlot::new().with_data(points).with_color(Ink::Series(n).colour()).with_marker(marker);
            plot.with_size(LARGEST_DOT - (LARGEST_DOT - SMALLEST_DOT) * i as f64 / last).with_legend(label)
        });
        let lines = self.lines.into_iter().chain(bars).map(Plot::from);
        let plots: Vec<Plot> = lines.chain(series.map(Plot::from)).collect();
        let mut layout = Layout::auto_from_plots(&plots)
            .with_title(words.title)
            .with_title_wrap(70)
            .with_subtitle(words.subtitle)
            .with_subtitle_wrap(110)
            .with_x_label(words.x)
            .with_y_label(words.y)
            .with_width(WIDTH)
            .with_height(HEIGHT)
            .with_tick_format(TickFormat::Custom(Arc::new(tick)));
        layout = with_legend(layout, &plots);
        let bounds: Vec<_> = plots.iter().filter_map(Plot::bounds).collect();
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
        Some(renumbered(&render_to_svg(plots, layout)))
    }
}

/// The bars of ±2 standard errors of the n-th series, none below `floor`.
fn bars(dots: &[Dot], n: usize, floor: f64) -> impl Iterator<Item = LinePlot> {
    dots.iter().filter(|dot| dot.error > 0.0 && dot.error.is_finite()).map(move |dot| {
        let (low, high) = ((dot.y - 2.0 * dot.error).max(floor.min(dot.y)), dot.y + 2.0 * dot.error);
        LinePlot::new()
            .with_data([(dot.x, low), (dot.x, high)])
            .with_color(Ink::Series(n).colour())
            .with_stroke_width(1.2)
    })
}

/// The layout with a legend beside the axes, or in columns below them if it is large; the axes keep their height.
fn with_legend(layout: Layout, plots: &[Plot]) -> Layout {
    let entries = collect_legend_entries(plots);
    let longest = entries.iter().map(|entry| entry.label.chars().count()).max().unwrap_or(0);
    if entries.len() <= TALLEST_LEGEND && longest <= WIDEST_LEGEND {
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

/// A number beside an axis: plain if it is short so.
fn tick(value: f64) -> String {
    let plain = format!("{}", (value * 1e6).round() / 1e6);
    if value == 0.0 || (1e-3..1e5).contains(&value.abs()) {
        return plain.replace('-', "−");
    }
    format!("{:e}", format!("{value:.3e}").parse().unwrap_or(value)).replace('-', "−")
}

fn extent(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |extent, value| {
        let (low, high) = extent.unwrap_or((value, value));
        Some((value.min(low), value.max(high)))
    })
}

/// The ends of a logarithmic axis: the nearest of 1, 2 and 5 times powers of ten, where ticks stand, around the values.
fn decades(low: f64, high: f64) -> (f64, f64) {
    let ticks = || (-11..310).flat_map(|power| [1.0, 2.0, 5.0].map(|tick| tick * libm::pow(10.0, f64::from(power))));
    let below = ticks().take_while(|tick| *tick <= low / 1.05).last().unwrap_or(LEAST);
    let above = ticks().find(|tick| *tick >= high * 1.05).unwrap_or(high);
    (below.max(LEAST), above)
}

/// What the plotting crate calls its clip paths: a number follows, counted over the whole process.
const CLIP: &str = "kuva-clip-";

/// The same SVG with its clip paths counted from 0, so that equal figures have equal bytes.
fn renumbered(svg: &str) -> String {
    let mut parts = svg.split(CLIP);
    let mut text = parts.next().unwrap_or_default().to_owned();
    let mut seen: Vec<&str> = Vec::new();
    for part in parts {
        let (number, rest) = part.split_at(part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len()));
        let position = seen.iter().position(|known| *known == number).unwrap_or_else(|| {
            seen.push(number);
            seen.len() - 1
        });
        text += &format!("{CLIP}{position}{rest}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clip_paths_are_counted_from_zero() {
        let svg = "<a id=\"kuva-clip-7\"/><b id=\"kuva-clip-12\"/><c use=\"kuva-clip-7\"/>";
        let counted = "<a id=\"kuva-clip-0\"/><b id=\"kuva-clip-1\"/><c use=\"kuva-clip-0\"/>";
        assert_eq!(renumbered(svg), counted);
        assert_eq!(renumbered("<svg/>"), "<svg/>");
    }

    #[test]
    fn a_logarithmic_axis_ends_at_ticks_around_its_values() {
        let (low, high) = decades(0.3, 30.0);
        assert!((low - 0.2).abs() < 1e-12 && (high - 50.0).abs() < 1e-12, "{low}, {high}");
        assert_eq!(decades(1e-10, 1.0).0, 1e-10);
    }

    #[test]
    fn a_tick_is_short() {
        let ticks = [0.0, 0.5, -0.02, 0.001, 20_000.0, 1e-4, 5.000_000_000_000_001e-7, 0.30000000000000004].map(tick);
        assert_eq!(ticks, ["0", "0.5", "−0.02", "0.001", "20000", "1e−4", "5e−7", "0.3"]);
    }

    #[test]
    fn what_cannot_stand_on_an_axis_is_left_out() {
        let mut chart = Chart::new(true, true);
        let dot = |x, y| Dot { x, y, error: 0.1 };
        assert!(!chart.dots(vec![dot(0.0, 1.0), dot(1.0, -1.0), dot(1.0, f64::NAN)], 0, "nothing"));
        let words = Words { title: "", subtitle: "", x: "", y: "" };
        assert!(chart.svg(&words).is_none());
    }
}
