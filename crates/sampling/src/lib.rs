//! How mini-batches are drawn: seeded streams, fast normals, and sampling designs that know their own covariance.
//!
//! The idea that carries the crate: a [`design::Design`] *draws* the noise of a mini-batch gradient and, in the same
//! file, *states* the exact covariance of what it draws. Nothing here knows a model's gradients, files or threads.
//!
//! - [`stream`]: one reproducible stream of bits per (seed, cell, block, purpose);
//! - [`normal`]: standard normals from such a stream, vectorised, with the same bits on every processor;
//! - [`quantile`]: the normal quantile and density;
//! - [`design`]: the contract of a sampling design, and the designs in [`designs`];
//! - [`covariance`]: estimators of a covariance (plug-in, streaming, diagonal, of low rank) and their errors.

pub mod covariance;
pub mod design;
pub mod designs;
pub mod normal;
pub mod quantile;
pub mod stream;

pub use design::{Design, DesignError};
pub use stream::{Purpose, Stream, StreamKey};
