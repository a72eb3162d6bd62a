//! Which of some texts are near one that was typed.
//!
//! Comes in: a text and candidates. Goes out: the candidates that it may be a slip of, nearest first. Never: a
//! candidate so far away that only chance would make it the right one.

/// The most characters of a text that are compared; the rest of a longer one is not looked at.
const MOST_COMPARED: usize = 64;

/// The candidate nearest to a text, or one that contains it; `None` if none is near enough.
#[must_use]
pub fn nearest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let text = text.to_lowercase();
    let steps = |candidate: &str| match !text.is_empty() && candidate.contains(&text) {
        true => Some(1),
        false => slip(&text, candidate),
    };
    let near = candidates.into_iter();
    let near = near.filter_map(|candidate| Some((steps(candidate)?, candidate)));
    near.min_by_key(|(steps, _)| *steps).map(|(_, near)| near)
}

/// The candidates near a text, nearest first. Those much further away than the nearest are left out.
///
/// # Complexity
/// O(n) for n candidates, as only the start of a long one is compared; O(m log m) for the m that are near.
#[must_use]
pub fn near<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let near = candidates.into_iter();
    let near = near.filter_map(|candidate| Some((slip(text, candidate)?, candidate)));
    let mut near: Vec<(usize, &str)> = near.collect();
    near.sort_unstable();
    let most = near.first().map_or(0, |(least, _)| 2 * least);
    let near = near.into_iter().take_while(|(steps, _)| *steps <= most);
    near.map(|(_, candidate)| candidate).collect()
}

/// How many steps lead from one text to another, if one may be a slip of the other.
fn slip(text: &str, candidate: &str) -> Option<usize> {
    let (n, n_typed) = (candidate.chars().count(), text.chars().count());
    let most = 1 + n.min(MOST_COMPARED) / 3;
    // Each character too many or too few is a step of its own.
    let is_near = n.abs_diff(n_typed) <= most;
    let steps = is_near.then(|| steps(text, candidate))?;
    // Texts without a letter in common are not near, however short they are.
    (steps <= most && steps < n.max(n_typed)).then_some(steps)
}

/// How many characters to add, drop, change or swap with the next between two texts at least (optimal string
/// alignment).
fn steps(a: &str, b: &str) -> usize {
    let cut = |text: &str| text.chars().take(MOST_COMPARED).collect::<Vec<char>>();
    let (a, b) = (cut(a), cut(b));
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    let mut x_before = None;
    for (i, x) in a.iter().enumerate() {
        let (mut next, mut left, mut y_before) = (vec![i + 1], i + 1, None);
        let above = row.iter().zip(row.iter().skip(1));
        for (j, ((&diagonal, &above), y)) in above.zip(&b).enumerate() {
            left = (diagonal + usize::from(x != y))
                .min(left + 1)
                .min(above + 1);
            let swapped = j.checked_sub(1).and_then(|j| before.get(j));
            if let Some(swapped) = swapped
                && (x_before, y_before) == (Some(y), Some(x))
            {
                left = left.min(swapped + 1);
            }
            next.push(left);
            y_before = Some(y);
        }
        x_before = Some(x);
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_letters_and_swaps() {
        for (a, b, n) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("failed", "faild", 1),
            ("shop/wbe", "shop/web", 1),
            ("ab", "ba", 1),
            ("abc", "cab", 2),
        ] {
            assert_eq!(steps(a, b), n, "{a} {b}");
        }
    }

    #[test]
    fn near_ones_come_nearest_first_and_far_ones_not_at_all() {
        let there = ["shop/api", "shop/web", "shop/webs", "tools/backup"];
        assert_eq!(near("shop/wbe", there), ["shop/web", "shop/webs"]);
        assert_eq!(near("backup", there), [""; 0]);
        assert_eq!(near("", ["a"]), [""; 0]);
        assert_eq!(near("1", ["2"]), [""; 0]);
        assert_eq!(nearest("backup", there), Some("tools/backup"));
        assert_eq!(nearest("zzzzzzzz", ["complete"]), None);
        assert_eq!(nearest("", ["complete"]), None);
    }

    #[test]
    fn long_texts_are_compared_by_their_start() {
        let long = "a".repeat(1 << 20);
        let other = format!("b{}", "a".repeat(1 << 20));
        assert_eq!(near(&long, [&*other]), [&*other]);
    }
}
