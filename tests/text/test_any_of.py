"""Many short words are looked for at once."""

from hypothesis import given
from hypothesis import strategies as st

from opsboard.text.any_of import any_of

WORDS = st.text("ab.*(|", max_size=4)


@given(st.lists(WORDS, max_size=8), st.text("ab.*(|", max_size=20))
def test_it_finds_what_asking_for_each_word_finds(words: list[str], text: str) -> None:
    found = any_of(words).search(text)
    assert (found is not None) is any(word in text for word in words if word)
    assert found is None or any(found[0] == word for word in words)
