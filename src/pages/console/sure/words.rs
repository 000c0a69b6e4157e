//! Words of the page before an act.

use crate::words::words;

words! {
    what_happens() { en "What happens when you do" de "Was dann geschieht" fr "Ce qui se passe alors" ja "実行すると起こること" }
    at_once() { en "At once" de "Sofort" fr "Aussitôt" ja "直ちに" }
    stays() { en "Stays" de "Es bleibt" fr "Reste" ja "残るもの" }
}
