//! Proportions of independent events, by exact binomial intervals, and distributions, by the DKW inequality.

use statrs::function::beta::beta_reg;
use statrs::function::gamma::{gamma_lr, gamma_ur};

use crate::sample::Interval;

/// `count` events in `n` independent trials.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Proportion {
    /// Events.
    pub count: f64,
    /// Trials.
    pub n: f64,
}

impl Proportion {
    /// p̂ = count/n.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.count / self.n
    }

    /// √(p̂(1 − p̂)/n).
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        let p = self.value();
        (p * (1.0 - p) / self.n).sqrt()
    }

    /// P(X ≥ count) for a binomial X of probability `p`.
    #[must_use]
    pub fn at_least(&self, p: f64) -> f64 {
        let (k, n) = (self.count, self.n);
        match (k <= 0.0, p) {
            // No law has it, so that nothing speaks for it.
            (_, p) if p < 0.0 => 0.0,
            (true, _) => 1.0,
            (_, p) if p <= 0.0 => 0.0,
            (_, p) if p >= 1.0 => 1.0,
            // The continued fraction behind `beta_reg` ends too early near the middle of a large binomial.
            _ if n * p * (1.0 - p) > 1e4 && (k - n * p).abs() < 3.0 * (n * p * (1.0 - p)).sqrt() => {
                0.5 * libm::erfc((k - 0.5 - n * p) / (2.0 * n * p * (1.0 - p)).sqrt())
            }
            _ => beta_reg(k, n - k + 1.0, p).clamp(0.0, 1.0),
        }
    }

    /// P(X ≤ count) for a binomial X of probability `p`.
    #[must_use]
    pub fn at_most(&self, p: f64) -> f64 {
        Proportion { count: self.n - self.count, n: self.n }.at_least(1.0 - p)
    }

    /// The interval of C. J. Clopper and E. S. Pearson (Biometrika 26 (1934) 404–413): each end misses with probability
    /// at most ½`error`.
    #[must_use]
    pub fn interval(&self, error: f64) -> Interval {
        // The smallest p at which so many events are not too rare; by symmetry the largest, too.
        let lower = |events: Proportion| {
            let (mut low, mut high) = (0.0, events.value());
            for _ in 0..60 {
                let middle = 0.5 * (low + high);
                if events.at_least(middle) < 0.5 * error { low = middle } else { high = middle }
            }
            low
        };
        let rest = Proportion { count: self.n - self.count, n: self.n };
        Interval::new(lower(*self), 1.0 - lower(rest))
    }
}

/// The expected events, and the expected others, below which a count says too little about its spread.
const FEWEST_EXPECTED: f64 = 5.0;

/// The chances that counts of events in sections of `n` independent trials each would spread at most as much as these, and
/// at least as much: those of Σ(c_k − np̂)²/(np̂(1 − p̂)), a χ² variable of K − 1 degrees of freedom. `None` where fewer than
/// five events, or others, are expected in a section.
///
/// Source: R. A. Fisher, *Statistical Methods for Research Workers* (1925), §19, the index of dispersion.
#[must_use]
pub fn dispersion(counts: &[f64], n: f64) -> Option<(f64, f64)> {
    let sections = counts.len() as f64;
    let p = counts.iter().sum::<f64>() / (sections * n);
    let expected = n * p.min(1.0 - p);
    if counts.len() < 2 || expected.is_nan() || expected < FEWEST_EXPECTED {
        return None;
    }
    let index = counts.iter().map(|count| (count - n * p) * (count - n * p)).sum::<f64>() / (n * p * (1.0 - p));
    let half = 0.5 * (sections - 1.0);
    Some(if index == 0.0 { (0.0, 1.0) } else { (gamma_lr(half, 0.5 * index), gamma_ur(half, 0.5 * index)) })
}

/// The Kolmogorov distance sup |F̂ − F| of n independent draws, known on a grid of points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Distance {
    /// The largest distance at a point of the grid.
    pub on_grid: f64,
    /// The largest step of F between neighbouring points: the distance can be larger by this between them.
    pub gap: f64,
    /// Draws.
    pub n: f64,
}

impl Distance {
    /// An interval for the distance of the true law, by P(sup |F̂ − F_true| > ε) ≤ 2e^{−2nε²} (P. Massart, Ann. Probab. 18
    /// (1990) 1269–1283).
    #[must_use]
    pub fn interval(&self, error: f64) -> Interval {
        let epsilon = (libm::log(2.0 / error) / (2.0 * self.n)).sqrt();
        Interval::new((self.on_grid - epsilon).max(0.0), self.on_grid + self.gap + epsilon)
    }

    /// The error at which the distance of the true law is told to exceed `bound`.
    #[must_use]
    pub fn p_above(&self, bound: f64) -> f64 {
        let beyond = (self.on_grid - bound).max(0.0);
        (2.0 * libm::exp(-2.0 * self.n * beyond * beyond)).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_event_leaves_room_for_a_rare_one() {
        // The upper end p solves (1 − p)ⁿ = ½ error.
        let interval = Proportion { count: 0.0, n: 1000.0 }.interval(1e-4);
        assert_eq!(interval.low, 0.0);
        let expected = 1.0 - libm::pow(0.5e-4, 1e-3);
        assert!((interval.high / expected - 1.0).abs() < 1e-9, "{interval:?}, expected {expected}");
        let all = Proportion { count: 1000.0, n: 1000.0 }.interval(1e-4);
        assert!((all.low - (1.0 - expected)).abs() < 1e-9 && all.high == 1.0);
    }

    /// Indices worked out by hand: 250 counts half at 40 and half at 60 of 100 spread by (10/5)² = 4 a section, four times what
    /// they should, and equal ones by 0.
    #[test]
    fn no_frequency_is_above_one_or_below_nothing() {
        let (all, none) = (Proportion { count: 9.0, n: 9.0 }, Proportion { count: 0.0, n: 9.0 });
        assert_eq!((all.at_most(1.5), all.at_most(1.0)), (0.0, 1.0));
        assert_eq!((none.at_least(-0.5), none.at_least(0.0)), (0.0, 1.0));
    }

    #[test]
    fn counts_that_spread_too_much_or_not_at_all_are_seen() {
        let apart: Vec<f64> = (0..250).map(|k| if k % 2 == 0 { 40.0 } else { 60.0 }).collect();
        let (less, more) = dispersion(&apart, 100.0).expect("enough events");
        assert!(less == 1.0 && more < 1e-12, "{less} {more}");
        assert_eq!(dispersion(&[50.0; 250], 100.0), Some((0.0, 1.0)));
        // ±5, one standard deviation: what is expected.
        let usual: Vec<f64> = (0..250).map(|k| if k % 2 == 0 { 45.0 } else { 55.0 }).collect();
        assert!(dispersion(&usual, 100.0).is_some_and(|(less, more)| less > 0.4 && more > 0.4));
        assert_eq!(
            (dispersion(&[1.0; 250], 100.0), dispersion(&[100.0; 250], 100.0)),
            (None, None),
            "too few say nothing"
        );
    }

    #[test]
    fn tails_of_a_small_binomial_are_those_summed_by_hand() {
        // X ~ B(3, 0.2): P(X ≥ 2) = 3·0.04·0.8 + 0.008.
        let proportion = Proportion { count: 2.0, n: 3.0 };
        assert!((proportion.at_least(0.2) - 0.104).abs() < 1e-12);
        assert!((proportion.at_most(0.2) - 0.992).abs() < 1e-12);
    }

    #[test]
    fn half_of_a_large_binomial_lies_above_its_middle() {
        for n in [1e5, 1e6, 1e8] {
            let above = Proportion { count: 0.5 * n, n }.at_least(0.5);
            assert!((above - 0.5).abs() < 1.0 / n.sqrt(), "{n}: {above}");
        }
    }

    #[test]
    fn the_interval_of_a_distance_and_its_p_value_agree_at_the_edge() {
        let distance = Distance { on_grid: 0.1, gap: 0.0, n: 500.0 };
        let low = distance.interval(1e-3).low;
        assert!((distance.p_above(low) / 1e-3 - 1.0).abs() < 1e-9);
    }
}
