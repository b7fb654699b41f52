//! What can only be checked at the end: no cycle, bounded depth, keys that differ.

use std::collections::{HashMap, HashSet};

use super::MAX_DEPTH;
use super::error::Fault;
use super::value::{Dict, Id, Value};

/// Depth of a value that is still on the path: to meet it again is a cycle.
const OPEN: u32 = u32::MAX;

/// Checks all that is reachable from `root`.
///
/// An explicit path in place of recursion, and every value is looked at once, however often it is used: time is linear even where the pickle, unfolded,
/// would be exponential.
pub(super) fn sound(values: &[Value], root: Id) -> Result<(), Fault> {
    let mut keys = Keys { values, numbers: vec![0; values.len()], interned: HashMap::new() };
    // Depth of each value; 0 for those not seen.
    let mut depths = vec![0_u32; values.len()];
    // A value, its next child, and the depth below it so far.
    let mut path = vec![(root, 0_usize, 0_u32)];
    *slot(&mut depths, root)? = OPEN;
    while let Some((id, next, below)) = path.last_mut() {
        let value = values.get(id.0 as usize).ok_or(Fault::Stack)?;
        if let Some(child) = value.child(*next) {
            *next += 1;
            match std::mem::replace(slot(&mut depths, child)?, OPEN) {
                0 => path.push((child, 0, 0)),
                OPEN => return Err(Fault::Cycle),
                depth => {
                    *slot(&mut depths, child)? = depth;
                    *below = depth.max(*below);
                }
            }
        } else {
            let depth = *below + 1;
            *slot(&mut depths, *id)? = depth;
            if let Value::Dict(dict) = value {
                keys.differ(dict)?;
            }
            path.pop();
            if let Some((_, _, parent)) = path.last_mut() {
                *parent = depth.max(*parent);
            }
            if depth > MAX_DEPTH {
                return Err(Fault::Limit("nested deeper than 100"));
            }
        }
    }
    Ok(())
}

fn slot(numbers: &mut [u32], id: Id) -> Result<&mut u32, Fault> {
    numbers.get_mut(id.0 as usize).ok_or(Fault::Stack)
}

/// A key as Python compares it: `True` is 1.
#[derive(PartialEq, Eq, Hash)]
enum Key<'v> {
    None,
    Int(i128),
    Str(&'v str),
    Bytes(&'v [u8]),
}

/// Numbers for keys, equal for equal keys. A long key that a million dicts share is hashed once.
struct Keys<'v> {
    values: &'v [Value],
    // By id; 0 for those without a number yet.
    numbers: Vec<u32>,
    interned: HashMap<Key<'v>, u32>,
}

impl Keys<'_> {
    fn differ(&mut self, dict: &Dict) -> Result<(), Fault> {
        let mut seen = HashSet::with_capacity(dict.entries.len());
        for (key, _) in &dict.entries {
            if !seen.insert(self.number(*key)?) {
                return Err(Fault::DuplicateKey);
            }
        }
        Ok(())
    }

    fn number(&mut self, id: Id) -> Result<u32, Fault> {
        let known = slot(&mut self.numbers, id)?;
        if *known == 0 {
            let key = match self.values.get(id.0 as usize) {
                Some(Value::None) => Key::None,
                Some(Value::Bool(truth)) => Key::Int((*truth).into()),
                Some(Value::Int(number)) => Key::Int(*number),
                Some(Value::Str(text)) => Key::Str(text),
                Some(Value::Bytes(bytes)) => Key::Bytes(bytes),
                _ => return Err(Fault::Type("a key that is no text, integer, boolean, bytes or None")),
            };
            // One-based, and at most as many as there are values.
            let fresh = u32::try_from(self.interned.len() + 1).unwrap_or(u32::MAX);
            *known = *self.interned.entry(key).or_insert(fresh);
        }
        Ok(*known)
    }
}
