//! What a step of a replicate cannot do without: random numbers and arithmetic.

use crate::machine::Machine;

/// Random numbers and floating-point operations of one step of one replicate.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cost {
    /// Standard normals.
    pub normals: f64,
    /// 64-bit words that do not become normals: indices, labels, members.
    pub words: f64,
    /// Additions and multiplications; a fused multiply-add is two.
    pub operations: f64,
}

impl Cost {
    /// Of e ← diag(a)e − Lζ in d dimensions: d(d+1)/2 multiply-adds of the triangle, and a product and a multiply-add a
    /// coordinate.
    #[must_use]
    pub fn triangular_step(d: usize) -> Self {
        let d = d as f64;
        Cost { normals: d, words: 0.0, operations: d * (d + 1.0) + 3.0 * d }
    }

    /// The same with `operations` more.
    #[must_use]
    pub fn and_operations(self, operations: f64) -> Self {
        Cost { operations: self.operations + operations, ..self }
    }

    /// Seconds of one thread below which no program of this kind gets: each part at the speed of its own best loop, with
    /// nothing else done. Loads, stores and the gathering of samples are not counted.
    #[must_use]
    pub fn bound(&self, machine: &Machine) -> f64 {
        self.normals * machine.normal + self.words * machine.word + self.operations / machine.operations_per_second
    }
}
