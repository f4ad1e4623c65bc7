//! A power law through the dots, whose slope a legend states with its interval.

use stats::{FEWEST_SECTIONS, Interval, LogSlope};

use super::View;
use super::chart::{Chart, Dot};

/// The chance that an interval beside a slope misses it.
const ERROR: f64 = 0.05;

/// y = e^intercept·x^slope.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PowerLaw {
    pub(super) slope: f64,
    intercept: f64,
}

impl PowerLaw {
    pub(super) fn at(&self, x: f64) -> f64 {
        libm::exp(self.intercept + self.slope * libm::log(x))
    }
}

/// The least-squares fit y = e^intercept·x^slope of ln y on ln x over the dots that can be seen; `None` without two
/// different x.
pub(super) fn power_law(dots: &[Dot], chart: &Chart) -> Option<PowerLaw> {
    let shown = dots.iter().filter(|dot| chart.shows(dot.x, dot.y) && dot.x > 0.0 && dot.y > 0.0);
    let points: Vec<(f64, f64)> = shown.map(|dot| (libm::log(dot.x), libm::log(dot.y))).collect();
    let n = points.len() as f64;
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / n;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / n;
    let spread: f64 = points.iter().map(|(x, _)| (x - mean_x) * (x - mean_x)).sum();
    let common: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let slope = common / spread;
    (spread > 1e-12).then_some(PowerLaw { slope, intercept: mean_y - slope * mean_x })
}

/// The fit from end to end of the dots.
pub(super) fn line(fit: &PowerLaw, dots: &[Dot], chart: &Chart) -> [(f64, f64); 2] {
    let ends = [f64::INFINITY, f64::NEG_INFINITY];
    let shown = dots.iter().filter(|dot| chart.shows(dot.x, dot.y));
    shown.fold(ends, |[low, high], dot| [low.min(dot.x), high.max(dot.x)]).map(|x| (x, fit.at(x)))
}

/// The interval of the slope at exactly known abscissae, from the sections of each value; `None` with too few sections, or
/// where it has no end.
pub(super) fn interval(view: &View<'_>, x: &[f64], columns: &[Vec<f64>]) -> Option<Interval> {
    if (view.spec.layout.sections as u64) < FEWEST_SECTIONS {
        return None;
    }
    let interval = LogSlope::new(x, columns).interval(ERROR);
    Some(interval).filter(|interval| interval.low.is_finite() && interval.high.is_finite())
}

/// `name: slope −1.002 [−1.005, −0.999]`, with as many digits as the interval is worth.
pub(super) fn label(name: &str, fit: &PowerLaw, interval: Option<&Interval>) -> String {
    let Some(interval) = interval else { return format!("{name}: slope {}", signed(fit.slope, 3)) };
    let width = interval.high - interval.low;
    let digits = [(2, 0.1), (3, 0.01), (4, 0.001)].into_iter().find(|(_, least)| width > *least);
    let digits = digits.map_or(5, |(digits, _)| digits);
    let [slope, low, high] = [fit.slope, interval.low, interval.high].map(|value| signed(value, digits));
    format!("{name}: slope {slope} [{low}, {high}]")
}

/// A number with the minus of typography.
fn signed(value: f64, digits: usize) -> String {
    format!("{value:.digits$}").replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_of_a_power_law_is_its_exponent() {
        let dot = |x: f64| Dot { x, y: 3.0 / x, error: 0.0 };
        let dots = [dot(1.0), dot(2.0), dot(7.0)];
        let chart = Chart::new(true, true);
        let fit = power_law(&dots, &chart).expect("two different x");
        assert_eq!(label("a", &fit, None), "a: slope −1.000");
        assert_eq!(label("a", &fit, Some(&Interval::new(-1.04, -0.97))), "a: slope −1.000 [−1.040, −0.970]");
        assert_eq!(label("a", &fit, Some(&Interval::new(-1.4, -0.7))), "a: slope −1.00 [−1.40, −0.70]");
        assert!((fit.at(10.0) - 0.3).abs() < 1e-12);
        assert_eq!(line(&fit, &dots, &chart).map(|(x, _)| x), [1.0, 7.0]);
        assert_eq!(power_law(&dots[..1], &chart), None);
        assert_eq!(power_law(&[], &chart), None);
    }
}
