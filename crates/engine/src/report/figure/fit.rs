//! A power law through the dots, whose slope a legend states.

use super::chart::{Chart, Dot};

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

/// A number with the minus of typography.
pub(super) fn signed(value: f64) -> String {
    format!("{value:.3}").replace('-', "−")
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
        assert_eq!(signed(fit.slope), "−1.000");
        assert!((fit.at(10.0) - 0.3).abs() < 1e-12);
        assert_eq!(power_law(&dots[..1], &chart), None);
        assert_eq!(power_law(&[], &chart), None);
    }
}
