// What html-validate holds the pages against: all it recommends, but for these.
export default {
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    // nbconvert writes its void elements as <meta/>, which HTML allows and ignores.
    "void-style": "off",
    // Great Tables gives the block around a table its padding in place; the policy allows styles.
    "no-inline-style": "off",
    // Where a style takes the bullets away, Safari takes the list away from a <ul>, not from a role.
    "prefer-native-element": ["error", { exclude: ["list", "listitem"] }],
  },
};
