//! What stays of the analyses of open documents, so that memory is a matter of the documents being edited, not of those
//! that are open.

use std::sync::Arc;

use credscope_linter::incremental::Memo;

use super::owner::Owner;

/// Documents whose analysis is kept whole, and bytes of their texts together: what comes next is most likely an edit of
/// one of them. The newest one is always kept.
const KEPT: usize = 8;
const KEPT_BYTES: usize = 512 << 10;

impl Owner {
    /// Keeps the analysis of a document whole, and of those before it as many as there is room for; of others the text
    /// and the findings stay.
    pub(super) fn keep(&mut self, owner: &str) {
        self.recent.retain(|uri| uri != owner && self.states.contains_key(uri));
        self.recent.push_back(owner.to_owned());
        let mut room = KEPT_BYTES;
        let mut from = self.recent.len();
        while let Some(uri) = from.checked_sub(1).and_then(|i| self.recent.get(i)) {
            let size = self.documents.size(uri);
            if from < self.recent.len() && (size > room || self.recent.len() - from >= KEPT) {
                break;
            }
            room = room.saturating_sub(size);
            from -= 1;
        }
        let gone: Vec<String> = self.recent.drain(..from).collect();
        for uri in &gone {
            let Some(state) = self.states.get_mut(uri) else { continue };
            state.memo = Memo::default();
            let Some(analysed) = state.analysed.take() else { continue };
            let slim = Arc::new(analysed.slim());
            if state.saved.as_ref().is_some_and(|saved| Arc::ptr_eq(saved, &analysed)) {
                state.saved = Some(slim.clone());
            }
            state.analysed = Some(slim);
        }
    }
}
