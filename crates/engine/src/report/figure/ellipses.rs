//! The 95 % ellipses of a second moment in two directions, measured and of the law.

use super::chart::{Chart, Ink, Stroke, Words};
use super::{Drawn, View};
use crate::spec::figures::Ellipses;

/// How many points an ellipse is drawn through.
const POINTS: u32 = 180;

pub(super) fn draw(view: &View<'_>, ellipses: &Ellipses) -> Option<Drawn> {
    let mut chart = Chart::plane();
    let mut laws = Vec::new();
    let (mut any, mut has_exact, mut has_limit) = (false, false, false);
    for (place, (c, cell)) in view.cells().enumerate() {
        let last = cell.recorded.len() - 1;
        let Some(measured) = ellipse([0, 1, 2].map(|component| Some(view.measured(c, component, last).mean))) else {
            continue;
        };
        any = true;
        chart.line(&measured, Ink::Series(place), 2.5, Stroke::Solid, Some(&view.labels[c]));
        let exact = ellipse([0, 1, 2].map(|component| view.exact(c, component, last)));
        let limit = ellipse([0, 1, 2].map(|component| view.limit(c, component, last)));
        has_exact |= exact.is_some();
        has_limit |= exact.is_none() && limit.is_some();
        laws.extend(exact.or(limit));
    }
    let kind = match (has_exact, has_limit) {
        (true, false) => "exact law",
        (false, true) => "limit",
        _ => "exact law, or limit",
    };
    // On top of all measured ones, which they should cover.
    for (i, law) in laws.iter().enumerate() {
        chart.line(law, Ink::Black, 1.2, Stroke::Dashed, Some(kind).filter(|_| i == 0));
    }
    let key = "ellipses that hold 95 % of a normal law with the second moment at the last recorded step".to_owned();
    let words = Words { title: &view.figure.title, subtitle: &key, x: &ellipses.labels[0], y: &ellipses.labels[1] };
    let svg = if any { chart.svg(&words) } else { None };
    svg.map(|svg| Drawn { svg, key })
}

/// {x: xᵀC⁻¹x = q} for C = [a b; b c] given as (a, b, c), and q = −2 ln 0.05, which a normal x exceeds with probability
/// 0.05; `None` if C is not positive definite.
fn ellipse(entries: [Option<f64>; 3]) -> Option<Vec<(f64, f64)>> {
    let [a, b, c] = [entries[0]?, entries[1]?, entries[2]?];
    let radius = (-2.0 * libm::log(0.05)).sqrt();
    let (rest, is_definite) = (c - b * b / a, a > 0.0 && a.is_finite());
    if !(is_definite && rest > 0.0 && rest.is_finite()) {
        return None;
    }
    // The circle of that radius under the Cholesky factor of C.
    let (along, across, own) = (a.sqrt(), b / a.sqrt(), rest.sqrt());
    let at = |n: u32| {
        let (sin, cos) = libm::sincos(std::f64::consts::TAU * f64::from(n) / f64::from(POINTS));
        (radius * along * cos, radius * (across * cos + own * sin))
    };
    Some((0..=POINTS).map(at).collect())
}

#[cfg(test)]
mod tests {
    use super::ellipse;

    #[test]
    fn the_points_lie_on_the_ellipse() {
        let (a, b, c) = (2.0, -0.6, 0.5);
        let points = ellipse([Some(a), Some(b), Some(c)]).expect("definite");
        let determinant = a * c - b * b;
        for (x, y) in points {
            let form = (c * x * x - 2.0 * b * x * y + a * y * y) / determinant;
            assert!((form - 5.991_464_547).abs() < 1e-8, "{form}");
        }
    }

    #[test]
    fn an_indefinite_matrix_has_no_ellipse() {
        assert!(ellipse([Some(1.0), Some(1.0), Some(1.0)]).is_none());
        assert!(ellipse([Some(0.0), Some(0.0), Some(1.0)]).is_none());
        assert!(ellipse([Some(1.0), None, Some(1.0)]).is_none());
    }
}
