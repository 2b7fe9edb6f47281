extension PhoneNumber {
    /// Where the number is at home, ISO 3166 alpha-2, by its prefix; nil where the prefix belongs to no one country.
    package var country: String? { nil }
}
