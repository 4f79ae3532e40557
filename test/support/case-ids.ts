/**
 * Every case of behaviour that `docs/conformance.md` answers for, by family. Most are tests of the
 * originals; numbers that are missing here were never given to a case.
 */
const NUMBERS = {
  /** Rails’ ActiveJob::Continuation. */
  R: `
    01 02 04 05 07 08 10 11 13 14 16 17 18 19 20 22 23 25 26 28 29 31 32 34 35 37 38 40 41 42 43 44 46 47
    49 50 52 53 55 56 57 58 59 61 62 64 65 67 68 69 70 71 73 74 76 77 79 80`,
  /** Shopify’s job-iteration. */
  J: `
    01 02 04 05 07 08 10 11 13 14 16 17 19 20 22 23 25 26 28 29 31 32 34 35 37 38 40 41 43 44 46 47
    49 50 52 53 55 56 58 59 61 62 64 65 67 68 70 71 73 74 76 77 79 80 81 82 83 85 86 88 89 91 92 94 95
    97 98 100 101 103 104 106 107 109 110 112 113 115 116 118 119 121 122 124 125 127 128 130 131
    133 134 136 137 139 140 142 143 145 146 148 149 150 151 152 154 155 157 158 160 161 163 164 166 167
    169 170 172 173 175 176 178 179 181 182 184 185 187 188 190 191 193 194 196`,
  /** Sidekiq’s IterableJob. */
  S: `
    01 02 04 05 07 08 10 11 13 14 16 17 19 20 22 23 25 26 28 29 31 32 34 35 37 38 40 41 43 44 46 47 48
    49 50 51 52 53 54 55 56 58 59`,
  /** Shopify’s maintenance_tasks. */
  M: `
    01 02 04 05 07 08 10 11 13 14 16 17 19 20 22 23 25 26 28 29 31 32 34 35 36 37 38 40 41 43 44 46 47
    49 50 52 53 55 56 58 59 61 62 64 65 66 67 68 70 71`,
  /** What we set out to do better than all of them. */
  B: `
    01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17`,
  /** Bugs that peers have published. */
  P: `
    01 02 03 04 05 06 07 08 09 10 11 12 13`,
}

/** `R01`, `J112`: the letter of the family and the number of the case. */
export const CASE_IDS: readonly string[] = Object.entries(NUMBERS).flatMap(([family, numbers]) =>
  numbers
    .trim()
    .split(/\s+/)
    .map((number) => family + number),
)
