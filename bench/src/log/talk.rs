//! A long conversation that nobody had: as many words, as long and as mixed as people write.

use catnest::time::Millis;
use catnest_e2e::import::Line;

/// Those who write it. Runs of one are short, as in a chat of several.
const AUTHORS: [&str; 7] = ["咪咪", "Tom", "Mo", "Aurelia", "老猫", "Bo", "Ines"];

/// Between two messages, on average: 100,000 in somewhat over a year.
const PAUSE: u64 = 350_000;

/// Of a hundred messages so many are in Chinese.
const CHINESE_PERCENT: u64 = 45;

/// In one message of nine or so.
pub(super) const FREQUENT: &str = "fish";
/// In every twenty thousandth, from the first on.
pub(super) const RARE: &str = "pangolin";
/// In none.
pub(super) const ABSENT: &str = "xylophone";
/// In Chinese, in some of those messages.
pub(super) const CHINESE: &str = "屋顶上";

const RARELY: u64 = 20_000;

const WORDS: [&str; 64] = [
    "the", "and", "you", "that", "was", "for", "are", "with", "his", "they", "this", "have",
    "from", "one", "had", "word", "but", "not", "what", "all", "were", "when", "your", "can",
    "said", "there", "use", "each", "which", "she", "how", "their", "will", "other", "about",
    "out", "many", "then", "them", "these", "some", "her", "would", "make", "like", "him", "into",
    "time", "has", "look", "two", "more", "write", "see", "number", "way", "could", "people",
    "roof", "chimney", "window", "tomorrow", "because", "Fish",
];

const PHRASES: [&str; 32] = [
    "今天",
    "我们",
    "已经",
    "屋顶上",
    "有三只猫",
    "在晒太阳",
    "你看到",
    "没有",
    "那条鱼",
    "是谁",
    "拿走的",
    "我觉得",
    "不是我",
    "可能",
    "明天",
    "再说吧",
    "好的",
    "谢谢",
    "太好了",
    "下雨了",
    "窗户",
    "关上",
    "了吗",
    "大家",
    "都在",
    "这里",
    "暖和",
    "得很",
    "等一下",
    "马上",
    "回来",
    "哈哈",
];

/// How many words or phrases a message has: most are short, and some tell a story.
const LENGTHS: [u64; 12] = [1, 2, 3, 4, 5, 6, 8, 10, 14, 20, 40, 120];

/// Numbers without order, the same in each run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        // Less than the number of sides, which is a `usize`.
        ((z ^ (z >> 31)) % sides as u64) as usize
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len())]
    }
}

/// So many messages, of which the last was written just before `end`.
pub(super) fn lines(count: u64, end: Millis) -> impl Iterator<Item = Line> {
    let first = end.0 - count * PAUSE;
    (0..count).map(move |number| {
        let dice = &mut Dice(number);
        Line {
            time: Millis(first + number * PAUSE + dice.roll(PAUSE as usize) as u64),
            author: AUTHORS[dice.roll(AUTHORS.len())],
            text: text(number, count, dice),
        }
    })
}

/// What the last of so many messages says: one that is on the screen as a whole.
pub(super) fn newest(count: u64) -> String {
    format!("And that was number {count}. 晚安！")
}

fn text(number: u64, count: u64, dice: &mut Dice) -> String {
    if number + 1 == count {
        return newest(count);
    }
    let chinese = (dice.roll(100) as u64) < CHINESE_PERCENT;
    let length = dice.of(&LENGTHS);
    let mut text = String::new();
    for at in 0..length {
        if chinese {
            text += dice.of(&PHRASES);
            text += if at % 4 == 3 { "，" } else { "" };
        } else {
            text += if at > 0 { " " } else { "" };
            text += dice.of(&WORDS);
        }
    }
    text += if chinese { "。" } else { "." };
    if number.is_multiple_of(RARELY) {
        text += " (";
        text += RARE;
        text += ")";
    }
    text
}
