//! Marvin32, the keyed hash behind the checksums of Azure's identifiable keys.

/// The hash folded to 32 bits. `seed`: low half first.
pub fn marvin32(data: &[u8], seed: u64) -> u32 {
    let mut state = (seed as u32, (seed >> 32) as u32);
    let mut words = data.chunks_exact(4);
    for word in words.by_ref() {
        state = mix(state, u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
    }
    let mut last = [0u8; 4];
    let rest = words.remainder();
    last[..rest.len()].copy_from_slice(rest);
    last[rest.len()] = 0x80;
    state = mix(state, u32::from_le_bytes(last));
    state = mix(state, 0);
    state.0 ^ state.1
}

/// One block: the word is added, then both halves are stirred.
fn mix((mut low, mut high): (u32, u32), word: u32) -> (u32, u32) {
    low = low.wrapping_add(word);
    high ^= low;
    low = low.rotate_left(20).wrapping_add(high);
    high = high.rotate_left(9) ^ low;
    low = low.rotate_left(27).wrapping_add(high);
    high = high.rotate_left(19);
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published vectors of the 64-bit hash, folded.
    #[test]
    fn known_answers() {
        let fold = |v: u64| (v >> 32) as u32 ^ v as u32;
        let alphabet: Vec<u8> = (b'a'..=b'z').collect();
        assert_eq!(marvin32(b"abc", 0xd53c_d9ce_cd08_93b7), fold(0x22c7_4339_4927_69bf));
        assert_eq!(marvin32(&alphabet, 0x0ddd_deee_efff_f000), fold(0xa128_eb7e_7260_aca2));
    }
}
