//! Names and what they hold: frames of functions and objects, and a trail of writes by which branches are undone and
//! joined. Costs are in proportion to the writes, not to the names that are known.

use std::collections::HashMap;

use super::value::Value;

/// Bindings of a document's top level, of a function that runs, or of an object.
#[derive(Debug, Default)]
pub(super) struct Frame {
    vars: HashMap<Box<str>, Slot>,
    /// Where names are looked up that are not here: the frame of the definition.
    pub parent: Option<u32>,
    /// Names that an assignment here binds further out (`global`, `nonlocal`).
    pub outer: Vec<Box<str>>,
    /// Names whose container was changed in place.
    pub mutated: Vec<Box<str>>,
    /// Of an object: its fields in order of the constructor.
    pub fields: Vec<Box<str>>,
    /// Of an object: printing it shows its fields.
    pub shown: bool,
    /// Fields that are not (`field(repr=False)`).
    pub hidden: Vec<Box<str>>,
    /// Of a class: the class. Of an object: its class.
    pub class: Option<u32>,
}

#[derive(Debug)]
struct Slot {
    value: Value,
    /// Changes with each write.
    stamp: u64,
}

#[derive(Debug)]
struct Undo {
    frame: u32,
    name: Box<str>,
    old: Option<Slot>,
}

/// Where a stretch of writes begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    trail: usize,
    frames: u32,
}

/// Names that a stretch wrote, with what they held at its end.
pub(super) type Writes = Vec<(u32, Box<str>, Value)>;

/// A name that was read: frame, name, stamp.
pub(super) type Read = (u32, Box<str>, u64);

#[derive(Debug, Default)]
pub(super) struct Env {
    pub frames: Vec<Frame>,
    pub current: u32,
    trail: Vec<Undo>,
    /// Stretches that are open: only then is the trail kept.
    open: usize,
    stamp: u64,
    /// Reads of the functions that run, outermost first; kept while any runs.
    pub reads: Vec<Read>,
    pub running: usize,
}

impl Env {
    pub(super) fn push(&mut self, parent: Option<u32>) -> u32 {
        self.frames.push(Frame { parent, ..Frame::default() });
        self.frames.len() as u32 - 1
    }

    /// The frame and value of a name, seen from a frame.
    pub(super) fn find(&self, from: u32, name: &str) -> Option<(u32, &Value, u64)> {
        let mut at = Some(from);
        for _ in 0..64 {
            let frame = self.frames.get(at? as usize)?;
            if let Some(slot) = frame.vars.get(name) {
                return Some((at?, &slot.value, slot.stamp));
            }
            at = frame.parent;
        }
        None
    }

    pub(super) fn lookup(&mut self, name: &str) -> Option<Value> {
        let (frame, value, stamp) = self.find(self.current, name)?;
        let value = value.clone();
        if self.running > 0 {
            self.reads.push((frame, name.into(), stamp));
        }
        Some(value)
    }

    /// A name of one frame alone.
    pub(super) fn field(&mut self, frame: u32, name: &str) -> Option<Value> {
        let slot = self.frames.get(frame as usize)?.vars.get(name)?;
        let (value, stamp) = (slot.value.clone(), slot.stamp);
        if self.running > 0 {
            self.reads.push((frame, name.into(), stamp));
        }
        Some(value)
    }

    /// All names of a frame with their values, in order of the alphabet.
    pub(super) fn fields(&self, frame: u32) -> Vec<(Box<str>, Value)> {
        let Some(frame) = self.frames.get(frame as usize) else { return Vec::new() };
        let mut all: Vec<_> = frame.vars.iter().map(|(n, s)| (n.clone(), s.value.clone())).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    /// Names of a frame whose values are of one loop over pairs.
    pub(super) fn paired(&self, frame: u32, pairing: u64) -> Vec<(Box<str>, Value)> {
        let vars = self.frames.get(frame as usize).map(|f| &f.vars);
        let all = vars.into_iter().flatten().filter(|(_, s)| s.value.pairing.as_ref().is_some_and(|p| p.id == pairing));
        let mut all: Vec<_> = all.map(|(n, s)| (n.clone(), s.value.clone())).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    pub(super) fn write(&mut self, frame: u32, name: &str, value: Value) {
        self.stamp += 1;
        let slot = Slot { value, stamp: self.stamp };
        let Some(vars) = self.frames.get_mut(frame as usize).map(|f| &mut f.vars) else { return };
        let old = match vars.get_mut(name) {
            Some(known) => Some(std::mem::replace(known, slot)),
            None => {
                vars.insert(name.into(), slot);
                None
            }
        };
        if self.open > 0 {
            self.trail.push(Undo { frame, name: name.into(), old });
        }
    }

    /// Binds a name as an assignment in the current frame does.
    pub(super) fn set(&mut self, name: &str, value: Value) {
        let frame = self.frame_of(name);
        self.write(frame, name, value);
    }

    fn frame_of(&self, name: &str) -> u32 {
        let frame = &self.frames[self.current as usize];
        if !frame.outer.iter().any(|o| **o == *name) {
            return self.current;
        }
        let parent = frame.parent.unwrap_or(self.current);
        if let Some((found, ..)) = self.find(parent, name) {
            return found;
        }
        let mut root = self.current;
        while let Some(parent) = self.frames[root as usize].parent {
            root = parent;
        }
        root
    }

    /// Changes a binding where it is, in whatever frame; binds it here when there is none.
    pub(super) fn update(&mut self, name: &str, value: Value) {
        let frame = self.find(self.current, name).map_or(self.current, |(frame, ..)| frame);
        self.write(frame, name, value);
    }

    /// Lets go of a value that is about to be written again, so that it can be changed in place. Within a stretch its old
    /// value must be kept.
    pub(super) fn detach(&mut self, name: &str) {
        if self.open > 0 {
            return;
        }
        if let Some((frame, ..)) = self.find(self.current, name)
            && let Some(slot) = self.frames[frame as usize].vars.get_mut(name)
        {
            slot.value = Value::clean();
        }
    }

    /// Opens a stretch.
    pub(super) fn begin(&mut self) -> Mark {
        self.open += 1;
        Mark { trail: self.trail.len(), frames: self.frames.len() as u32 }
    }

    /// What the stretch wrote into frames that were there before it; the writes stay.
    pub(super) fn end(&mut self, mark: Mark) -> Writes {
        self.open -= 1;
        let mut writes: Writes = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for undo in self.trail[mark.trail.min(self.trail.len())..].iter().rev() {
            if undo.frame < mark.frames && seen.insert((undo.frame, &undo.name)) {
                let slot = self.frames[undo.frame as usize].vars.get(&undo.name);
                writes.push((undo.frame, undo.name.clone(), slot.map(|s| s.value.clone()).unwrap_or_default()));
            }
        }
        if self.open == 0 {
            self.trail.clear();
        }
        writes
    }

    /// What the stretch wrote; the writes are undone.
    pub(super) fn undo(&mut self, mark: Mark) -> Writes {
        let open = self.open;
        self.open += 1;
        let writes = self.end(mark);
        self.open = open - 1;
        while self.trail.len() > mark.trail {
            let Some(undo) = self.trail.pop() else { break };
            if undo.frame >= mark.frames {
                continue;
            }
            let vars = &mut self.frames[undo.frame as usize].vars;
            match undo.old {
                Some(slot) => {
                    vars.insert(undo.name, slot);
                }
                None => {
                    vars.remove(&undo.name);
                }
            }
        }
        writes
    }

    /// Joins the ends of branches that each began from the present state: what a branch did not write is as now.
    pub(super) fn join(&mut self, branches: Vec<Writes>) {
        let count = branches.len();
        let mut joined: HashMap<(u32, Box<str>), (Value, usize)> = HashMap::new();
        let mut order = Vec::new();
        for (frame, name, value) in branches.into_iter().flatten() {
            match joined.get_mut(&(frame, name.clone())) {
                Some((known, n)) => {
                    *known = std::mem::take(known).join(&value);
                    *n += 1;
                }
                None => {
                    order.push((frame, name.clone()));
                    joined.insert((frame, name), (value, 1));
                }
            }
        }
        for key in order {
            let Some((mut value, n)) = joined.remove(&key) else { continue };
            if n < count
                && let Some(slot) = self.frames[key.0 as usize].vars.get(&key.1)
            {
                value = slot.value.clone().join(&value);
            }
            self.write(key.0, &key.1, value);
        }
    }

    /// Whether all reads would give the same again.
    pub(super) fn holds(&self, reads: &[Read]) -> bool {
        reads.iter().all(|(frame, name, stamp)| {
            self.frames.get(*frame as usize).and_then(|f| f.vars.get(name)).is_some_and(|s| s.stamp == *stamp)
        })
    }
}
