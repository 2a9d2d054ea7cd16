//! Byte ranges, and the piecewise map between a derived text and the text it was derived from.

/// Half-open byte range `start..end` of some text (a cell's text unless said otherwise), 0-based.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl std::fmt::Debug for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

/// One `write_i64`, which nothing else in facts makes: a hasher can pass over places (see [`crate::shape`]).
impl std::hash::Hash for Span {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write_i64((i64::from(self.start) << 32) | i64::from(self.end));
    }
}

impl Span {
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end, "span {start}..{end} is reversed");
        Self { start: start as u32, end: end.max(start) as u32 }
    }

    /// The span widened to whole characters of `text`: a parser counts bytes and may end an error inside one.
    pub fn whole(text: &str, span: Span) -> Self {
        let (mut start, mut end) = ((span.start as usize).min(text.len()), (span.end as usize).min(text.len()));
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        while !text.is_char_boundary(end) {
            end += 1;
        }
        Self::new(start, end)
    }

    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    pub fn overlaps(self, other: Span) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The smallest span that covers both.
    pub fn cover(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The text of the span; empty when the span does not lie on character boundaries of `text`.
    pub fn of(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or("")
    }
}

/// One run of a [`TextMap`]: `text_len` bytes of the text stand for `source_len` bytes of the source.
/// A run with equal lengths is verbatim unless `opaque`; an escape (`\n`, `\u00e9`, `""`) is one opaque run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    pub text: u32,
    pub source: u32,
    pub text_len: u32,
    pub source_len: u32,
    pub opaque: bool,
}

/// Piecewise map from a text (a cell, the decoded value of a literal, an embedded query) to the source that it was
/// read from (the physical file, the cell). Runs are sorted in both; source bytes between runs belong to no text
/// (`# MAGIC ` prefixes, quotes, JSON commas).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextMap {
    segments: Vec<Segment>,
}

/// Places only, as for [`Span`].
impl std::hash::Hash for TextMap {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        for s in &self.segments {
            state.write_i64((i64::from(s.text) << 32) | i64::from(s.source));
            state.write_i64((i64::from(s.text_len) << 32) | i64::from(s.source_len));
        }
    }
}

impl TextMap {
    /// The text is `source[at..at + len]`, unchanged.
    pub fn verbatim(at: usize, len: usize) -> Self {
        let mut map = Self::default();
        map.push(at, len, len, false);
        map
    }

    /// Appends a run: the next `text_len` bytes of the text stand for `source_len` bytes of the source at `source`.
    /// Adjacent verbatim runs are joined.
    pub fn push(&mut self, source: usize, text_len: usize, source_len: usize, opaque: bool) {
        let opaque = opaque || text_len != source_len;
        let text = self.text_len();
        if let Some(last) = self.segments.last_mut()
            && !opaque
            && !last.opaque
            && (last.source + last.source_len) as usize == source
        {
            last.text_len += text_len as u32;
            last.source_len += source_len as u32;
            return;
        }
        if text_len == 0 && source_len == 0 && !self.segments.is_empty() {
            return;
        }
        self.segments.push(Segment {
            text: text as u32,
            source: source as u32,
            text_len: text_len as u32,
            source_len: source_len as u32,
            opaque,
        });
    }

    /// Appends all runs of `other`, whose text follows this text.
    pub fn append(&mut self, other: &TextMap) {
        for s in &other.segments {
            self.push(s.source as usize, s.text_len as usize, s.source_len as usize, s.opaque);
        }
    }

    /// The same map into a source that stands so many bytes further.
    pub(crate) fn moved(&self, bytes: i64) -> TextMap {
        let moved = |s: &Segment| Segment { source: (i64::from(s.source) + bytes) as u32, ..*s };
        TextMap { segments: self.segments.iter().map(moved).collect() }
    }

    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    pub fn text_len(&self) -> usize {
        self.segments.last().map_or(0, |s| (s.text + s.text_len) as usize)
    }

    fn segment_at(&self, text: u32) -> Option<&Segment> {
        let i = self.segments.partition_point(|s| s.text + s.text_len <= text);
        self.segments.get(i)
    }

    /// Source offset of the byte at `text`; the end of the text maps to the end of the last run.
    pub fn start_to_source(&self, text: usize) -> usize {
        match self.segment_at(text as u32) {
            Some(s) if s.opaque => s.source as usize,
            Some(s) => s.source as usize + (text - (s.text as usize).min(text)),
            None => self.segments.last().map_or(0, |s| (s.source + s.source_len) as usize),
        }
    }

    /// Source range of a text range. An empty range maps to an empty range; a range that touches an escape takes the
    /// whole escape in; bytes of the source between two runs are included when the range spans them.
    pub fn to_source(&self, span: Span) -> Span {
        let start = self.start_to_source(span.start as usize);
        if span.is_empty() {
            // At the start of a run prefer the end of the run before: text inserted at the end of a line stays on it.
            return Span::new(start, start);
        }
        let end = match self.segment_at(span.end - 1) {
            Some(s) if s.opaque => (s.source + s.source_len) as usize,
            Some(s) => (s.source + (span.end - s.text)) as usize,
            None => self.segments.last().map_or(start, |s| (s.source + s.source_len) as usize),
        };
        Span::new(start, end.max(start))
    }

    /// Text range of a source range; `None` when the source range holds no byte of the text.
    pub fn to_text(&self, source: Span) -> Option<Span> {
        let mut covered: Option<Span> = None;
        let first = self.segments.partition_point(|s| s.source + s.source_len <= source.start);
        for s in &self.segments[first..] {
            if s.source >= source.end && !(source.is_empty() && s.source == source.start) {
                break;
            }
            let piece = if s.opaque {
                Span { start: s.text, end: s.text + s.text_len }
            } else {
                let from = source.start.max(s.source) - s.source;
                let to = source.end.min(s.source + s.source_len).max(s.source + from) - s.source;
                Span { start: s.text + from, end: s.text + to }
            };
            covered = Some(covered.map_or(piece, |c| c.cover(piece)));
        }
        covered
    }

    /// The map of the part `span` of the text.
    pub fn slice(&self, span: Span) -> TextMap {
        let mut map = TextMap::default();
        if span.is_empty() {
            map.push(self.start_to_source(span.start as usize), 0, 0, false);
            return map;
        }
        let first = self.segments.partition_point(|s| s.text + s.text_len <= span.start);
        for s in &self.segments[first..] {
            if s.text >= span.end {
                break;
            }
            let (from, to) = (s.text.max(span.start), (s.text + s.text_len).min(span.end));
            let len = (to - from) as usize;
            if s.opaque {
                map.push(s.source as usize, len, s.source_len as usize, true);
            } else {
                map.push((s.source + (from - s.text)) as usize, len, len, false);
            }
        }
        map
    }

    /// The map from this text through `outer` (whose text is this map's source) to `outer`'s source.
    pub fn through(&self, outer: &TextMap) -> TextMap {
        let mut map = TextMap::default();
        for s in &self.segments {
            if s.opaque {
                let source = outer.to_source(Span { start: s.source, end: s.source + s.source_len });
                map.push(source.start as usize, s.text_len as usize, source.len(), true);
                continue;
            }
            let (mut at, end) = (s.source, s.source + s.source_len);
            while at < end {
                let Some(o) = outer.segment_at(at) else { break };
                let upto = end.min(o.text + o.text_len);
                if o.opaque {
                    map.push(o.source as usize, (upto - at) as usize, o.source_len as usize, true);
                } else {
                    let source = (o.source + (at - o.text)) as usize;
                    map.push(source, (upto - at) as usize, (upto - at) as usize, false);
                }
                at = upto.max(at + 1);
            }
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_gaps_map_both_ways() {
        // source: `ab\nXXcd`, text: `ab⏎cd` (the escape is one byte of text, `XX` belongs to nobody)
        let mut map = TextMap::default();
        map.push(0, 2, 2, false);
        map.push(2, 1, 2, true);
        map.push(6, 2, 2, false);
        assert_eq!(map.text_len(), 5);
        assert_eq!(map.to_source(Span::new(0, 2)), Span::new(0, 2));
        assert_eq!(map.to_source(Span::new(2, 3)), Span::new(2, 4));
        assert_eq!(map.to_source(Span::new(3, 5)), Span::new(6, 8));
        assert_eq!(map.to_source(Span::new(1, 4)), Span::new(1, 7));
        assert_eq!(map.to_text(Span::new(6, 8)), Some(Span::new(3, 5)));
        assert_eq!(map.to_text(Span::new(4, 6)), None);
    }

    #[test]
    fn a_part_of_a_map_starts_at_zero() {
        let mut map = TextMap::verbatim(0, 2); // source: `ab\\nXXcd`, text: `ab⏎cd`
        map.push(2, 1, 2, true);
        map.push(6, 2, 2, false);
        let part = map.slice(Span::new(1, 4));
        assert_eq!(part.text_len(), 3);
        assert_eq!(part.to_source(Span::new(0, 2)), Span::new(1, 4));
        assert_eq!(part.to_source(Span::new(2, 3)), Span::new(6, 7));
        assert_eq!(map.slice(Span::new(5, 5)).to_source(Span::new(0, 0)), Span::new(8, 8));
    }

    #[test]
    fn a_map_goes_through_another() {
        let mut outer = TextMap::default(); // `# MAGIC ab⏎# MAGIC cd`
        outer.push(8, 3, 3, false);
        outer.push(19, 2, 2, false);
        let inner = TextMap::verbatim(1, 3); // `b⏎c`
        let both = inner.through(&outer);
        assert_eq!(both.to_source(Span::new(0, 1)), Span::new(9, 10));
        assert_eq!(both.to_source(Span::new(2, 3)), Span::new(19, 20));
    }
}
