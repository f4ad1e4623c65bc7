//! Which readings cannot be taken, because they would mean nothing or not fit in memory.

use crate::model::LARGEST;
use crate::reading::{Block, Hessians, Reading};

impl Reading {
    /// Why it cannot be taken in a layer of `outputs`×`inputs` weights with n = `samples`, if it cannot: a fit needs 3
    /// directions, a block of a commutation something in it, and no table may have more than 2²⁷ entries (1 GiB).
    #[must_use]
    pub fn refused_in_layer(&self, samples: usize, outputs: usize, inputs: usize) -> Option<String> {
        let d = outputs.saturating_mul(inputs);
        let tables = [
            ("matrices", d.saturating_mul(d)),
            ("per-sample Hessians", samples.saturating_mul(triangle(outputs))),
            ("products of activations", samples.saturating_mul(triangle(inputs))),
        ];
        let layer = || format!("a layer of {outputs}×{inputs} weights and {samples} samples");
        refused_tables(&tables, layer).or_else(|| self.refused_share()).or_else(|| self.refused_directions(d))
    }

    /// Why it cannot be taken of the gradients of the outputs of `samples` samples by `parameters` parameters, if it
    /// cannot: no table may have more than 2²⁷ entries (1 GiB).
    #[must_use]
    pub fn refused_of_outputs(&self, samples: usize, parameters: usize) -> Option<String> {
        let tables = [
            ("gradients of the outputs", samples.saturating_mul(parameters)),
            ("kernel", samples.saturating_mul(samples)),
        ];
        let refused = refused_tables(&tables, || format!("{samples} samples and {parameters} parameters"));
        refused.filter(|_| self.is_of_outputs())
    }

    fn refused_share(&self) -> Option<String> {
        let Reading::NoiseCurvature { hessians: Hessians::Damped(share) | Hessians::Equalised(share), .. } = self
        else {
            return None;
        };
        let is_possible = (0.0..1.0).contains(share);
        (!is_possible)
            .then(|| format!("the share of the largest top eigenvalue is {share}: it must be at least 0 and below 1"))
    }

    fn refused_directions(&self, d: usize) -> Option<String> {
        let k = self.directions()?;
        let fewest = if matches!(self, Reading::NoiseCurvature { .. }) { 3 } else { 1 };
        if !(fewest..=d).contains(&k) {
            return Some(format!("{k} leading directions are asked for: there must be from {fewest} to {d}"));
        }
        let Reading::Commutation { part, over_baseline, .. } = *self else {
            return None;
        };
        let block = match part {
            Block::Total => d,
            Block::Top => k,
            Block::Bulk => d - k,
        };
        match block {
            0 => Some(format!("all {d} directions are leading ones, and none is left for the bulk")),
            1 if over_baseline => Some("a block of one direction always commutes: it has no baseline".to_owned()),
            _ => None,
        }
    }
}

/// What is said of the first of some tables, with their numbers of entries, that is too large for `whose`.
fn refused_tables(tables: &[(&str, usize)], whose: impl Fn() -> String) -> Option<String> {
    let (what, entries) = tables.iter().find(|(_, entries)| *entries > LARGEST)?;
    Some(format!("the {what} of {} would have {entries} entries: at most {LARGEST} are supported", whose()))
}

/// Number of entries of a lower triangle of this size.
fn triangle(size: usize) -> usize {
    size.saturating_mul(size.saturating_add(1)) / 2
}
