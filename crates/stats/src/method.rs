//! How intervals are formed: what each kind of statistic rests on, in words.

use crate::FEWEST_SECTIONS;

/// The kind of an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// [`Sample`](crate::Sample): Student's, with Hall's correction.
    Mean,
    /// [`Ratio`](crate::Ratio): Fieller's.
    Ratio,
    /// [`LogSlope`](crate::LogSlope): the approximate bootstrap.
    Slope,
    /// [`Proportion`](crate::Proportion): Clopper and Pearson's.
    Proportion,
    /// [`Distance`](crate::Distance): that of Dvoretzky, Kiefer, Wolfowitz and Massart.
    Distance,
}

impl Method {
    /// What the interval is, as the end of a sentence; `sections` is K.
    #[must_use]
    pub fn words(self, sections: usize) -> &'static str {
        let is_few = (sections as u64) < FEWEST_SECTIONS;
        match self {
            Method::Mean if is_few => {
                "is Student's, of the section means; so few cannot tell their skewness, and are taken to be normal"
            }
            Method::Mean => "is Student's, of the section means, with Hall's correction for their skewness",
            Method::Ratio if is_few => {
                "is Fieller's: all ratios r at which the mean of A − rB over the sections may be 0 by Student's test, where \
                 A and B are the two values, which share their random numbers; so few sections are taken to be normal"
            }
            Method::Ratio => {
                "is Fieller's: all ratios r at which the mean of A − rB over the sections may be 0 by Student's test with \
                 Hall's correction for skewness, where A and B are the two values, which share their random numbers"
            }
            Method::Slope => {
                "is that of the approximate bootstrap (ABC) of DiCiccio and Efron over the sections, right to second order, \
                 with Student's quantile"
            }
            Method::Proportion => "is Clopper and Pearson's: exact for the number of events among all replicates",
            Method::Distance => {
                "follows from the inequality of Dvoretzky, Kiefer and Wolfowitz with Massart's constant, for all replicates"
            }
        }
    }

    /// Where it is computed, from the root of the repository.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Method::Mean => "crates/stats/src/sample.rs",
            Method::Ratio => "crates/stats/src/ratio.rs",
            Method::Slope => "crates/stats/src/slope.rs",
            Method::Proportion | Method::Distance => "crates/stats/src/proportion.rs",
        }
    }
}
