//! Plans as a table: a line a spec, and one of all.

use super::quantity::{bytes, count, duration, range};
use super::verdicts::grouped;
use crate::plan::Plan;

/// The titles of the columns.
pub const TITLES: [&str; 11] =
    ["spec", "cells", "stored", "replicates", "records", "steps", "rows", "memory", "tables", "parts", "time"];

/// What the table does not say of itself.
pub const NOTE: &str = "replicates: of each cell, where a range as many as decide it; records: recorded steps of all cells; steps: coordinate-steps of the cells \
    that are not stored. Memory and bytes are about so much; the time is an estimate for the simulation on this machine, \
    now, with so many threads: ";

/// A line for each plan, and a line of their sum where there are several.
#[must_use]
pub fn lines(plans: &[Plan]) -> Vec<[String; TITLES.len()]> {
    let mut lines: Vec<_> = plans.iter().map(line).collect();
    if plans.len() > 1 {
        let sum = |of: fn(&Plan) -> u64| plans.iter().map(of).fold(0, u64::saturating_add);
        lines.push([
            "total".to_owned(),
            grouped(sum(|plan| plan.cells as u64)),
            grouped(sum(|plan| plan.stored as u64)),
            String::new(),
            count(sum(|plan| plan.recorded_steps)),
            range(
                count(sum(|plan| plan.coordinate_steps_left_at_least)),
                count(sum(|plan| plan.coordinate_steps_left)),
            ),
            count(sum(|plan| plan.rows)),
            bytes(plans.iter().map(|plan| plan.memory_bytes).max().unwrap_or(0)),
            bytes(sum(|plan| plan.table_bytes)),
            bytes(sum(|plan| plan.part_bytes)),
            range(
                duration(plans.iter().map(|plan| plan.seconds_at_least).sum()),
                duration(plans.iter().map(|plan| plan.seconds).sum()),
            ),
        ]);
    }
    lines
}

fn line(plan: &Plan) -> [String; TITLES.len()] {
    let all_stored = plan.stored == plan.cells;
    [
        plan.spec.clone(),
        grouped(plan.cells as u64),
        grouped(plan.stored as u64),
        range(count(plan.replicates_at_least), count(plan.replicates)),
        count(plan.recorded_steps),
        range(count(plan.coordinate_steps_left_at_least), count(plan.coordinate_steps_left)),
        count(plan.rows),
        bytes(plan.memory_bytes),
        bytes(plan.table_bytes),
        bytes(plan.part_bytes),
        if all_stored { "–".to_owned() } else { range(duration(plan.seconds_at_least), duration(plan.seconds)) },
    ]
}
