//! `status`: how far shards have come.

use engine::shard::ranges;
use engine::status::{ShardStatus, planned_shards, status as status_of};

use super::{fail, folder_of, load};
use crate::args::StatusArgs;
use crate::exit::Exit;
use crate::output::{Format, complain, print, print_json, table};

pub(crate) fn status(args: &StatusArgs) -> Exit {
    let spec = match load(&args.spec, args.seed) {
        Ok(spec) => spec,
        Err(exit) => return exit,
    };
    let out = folder_of(&spec, &args.out, args.seed);
    let planned = planned_shards(&spec, &out).map(|planned| args.shards.or(planned).unwrap_or(1));
    let found = planned.map_err(Into::into).and_then(|shards| status_of(&spec, &out, shards));
    let (shards, damaged) = match found {
        Ok(found) => found,
        Err(error) => return fail(&error),
    };
    damaged.iter().for_each(|error| complain(format!("warning: {error}")));
    let missing: Vec<usize> = shards.iter().filter(|shard| !shard.is_complete()).map(|shard| shard.shard).collect();
    match (args.missing, args.output.format) {
        (true, _) => _ = print(&ranges(&missing)),
        (false, Format::Json) => _ = print_json(&shards),
        (false, format) => show(&shards, &missing, format),
    }
    if missing.is_empty() { Exit::Success } else { Exit::Undecided }
}

/// Shards that have cells, and a sentence of all.
fn show(shards: &[ShardStatus], missing: &[usize], format: Format) {
    let rows: Vec<[String; 4]> = shards
        .iter()
        .filter(|shard| shard.cells > 0)
        .map(|shard| {
            let state = if shard.is_complete() { "complete" } else { "missing" };
            [shard.shard.to_string(), shard.cells.to_string(), shard.stored.to_string(), state.to_owned()]
        })
        .collect();
    if let Some(table) = table(format, &["shard", "cells", "stored", "state"], &rows) {
        print(&table);
    }
    let empty = shards.iter().filter(|shard| shard.cells == 0).count();
    let of_empty = if empty == 0 { String::new() } else { format!(", of which {empty} have no cells") };
    match missing {
        [] => print(&format!("\nall {} shards are complete{of_empty}: merge judges them", shards.len())),
        missing => print(&format!("\nmissing of {} shards{of_empty}: {}", shards.len(), ranges(missing))),
    };
}
