//! A heat map: a colour for each place of a grid, and a bar that says what colours mean.

use std::sync::Arc;

use kuva::prelude::*;

use super::super::axis::extent;
use super::super::finish::finished;
use super::{Words, framed};

/// The most labels beside an axis of a grid.
const MOST_LABELS: usize = 16;

/// The most places whose numbers are written in them.
const MOST_NUMBERS: usize = 80;

/// From the lowest to the highest value: Cividis, which colour-blind readers see as others do (Nuñez, Anderton and
/// Renslow, PLoS ONE 13 (2018) e0199239), without its darkest end, on which black numbers could not be read.
const SEQUENTIAL: [[f64; 3]; 4] =
    [[99.0, 116.0, 150.0], [140.0, 140.0, 130.0], [200.0, 183.0, 100.0], [254.0, 232.0, 56.0]];

/// From below 1 over 1 to above it: blue, white, vermilion.
const DIVERGING: [[f64; 3]; 3] = [[64.0, 138.0, 200.0], [247.0, 247.0, 247.0], [224.0, 110.0, 40.0]];

/// Where there is no value: the page.
const NOTHING: &str = "#ffffff";

/// Values over two axes.
pub(in crate::report::figure) struct Grid {
    /// The labels of the columns, from the left.
    pub(in crate::report::figure) x: Vec<String>,
    /// The labels of the rows, from below.
    pub(in crate::report::figure) y: Vec<String>,
    /// The rows, from below; NaN where there is no value.
    pub(in crate::report::figure) values: Vec<Vec<f64>>,
    /// What the colours stand for.
    pub(in crate::report::figure) label: String,
    /// Whether the values lie around 1.
    pub(in crate::report::figure) is_ratio: bool,
}

impl Grid {
    /// The SVG; `None` if there is no value.
    pub(in crate::report::figure) fn svg(self, words: &Words<'_>) -> Option<String> {
        let Grid { x, y, values, label, is_ratio } = self;
        let (low, high) = extent(values.iter().flatten().copied().filter(|value| value.is_finite()))?;
        let farthest = (high - 1.0).abs().max((low - 1.0).abs()).max(1e-12);
        let colour = move |t: f64| {
            if !t.is_finite() {
                return NOTHING.to_owned();
            }
            let value = low + t * (high - low);
            if is_ratio { mixed(&DIVERGING, 0.5 + 0.5 * (value - 1.0) / farthest) } else { mixed(&SEQUENTIAL, t) }
        };
        let n_places = x.len() * y.len();
        let map = Heatmap::new().with_data(values).with_color_map(ColorMap::Custom(Arc::new(colour)));
        let map = map.with_cell_size(1.0).with_legend(label);
        let map = if n_places <= MOST_NUMBERS && !is_ratio { map.with_values() } else { map };
        let plots = [Plot::from(map)];
        let layout = framed(Layout::auto_from_plots(&plots), words).with_show_grid(false);
        let layout = layout.with_x_categories(thinned(x)).with_y_categories(thinned(y));
        let svg = render_to_svg(plots.into(), layout);
        // Numbers stand on colours, which stay as they are on a dark page.
        let svg = svg.replace(">NaN</text>", "></text>").replace("<g clip-path=", "<g fill=\"#111111\" clip-path=");
        Some(finished(&svg))
    }
}

/// The colour at a share of the way through some.
fn mixed(colours: &[[f64; 3]], share: f64) -> String {
    let place = share.clamp(0.0, 1.0) * (colours.len() - 1) as f64;
    let pairs = colours.windows(2).enumerate().map(|(i, pair)| (place - i as f64, pair));
    let Some((part, pair)) = pairs.into_iter().find(|(part, _)| *part <= 1.0) else { return NOTHING.to_owned() };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 255")]
    let [red, green, blue] = std::array::from_fn(|i| (pair[0][i] * (1.0 - part) + pair[1][i] * part).round() as u8);
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// The labels, or every n-th if they are many.
fn thinned(labels: Vec<String>) -> Vec<String> {
    let every = labels.len().div_ceil(MOST_LABELS);
    let thin = |(i, label): (usize, String)| if i.is_multiple_of(every) { label } else { String::new() };
    labels.into_iter().enumerate().map(thin).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_mixed_between_their_neighbours() {
        assert_eq!(mixed(&DIVERGING, 0.5), "#f7f7f7");
        assert_eq!(mixed(&DIVERGING, -1.0), "#408ac8");
        assert_eq!(mixed(&[[0.0; 3], [100.0; 3]], 0.5), "#323232");
    }

    #[test]
    fn many_labels_are_thinned() {
        let labels: Vec<String> = (0..40).map(|n| n.to_string()).collect();
        let shown: Vec<String> = thinned(labels).into_iter().filter(|label| !label.is_empty()).collect();
        assert_eq!(shown.len(), 14);
        assert_eq!(shown[1], "3");
    }
}
