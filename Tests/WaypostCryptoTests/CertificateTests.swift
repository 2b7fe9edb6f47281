import Testing

@testable import WaypostCrypto

/// Certificates made for these tests alone, signed by themselves; their keys were thrown away.
@Suite struct CertificateTests {
    /// RSA of 2048 bits, CN=sns.amazonaws.com, DNS:sns.eu-west-1.amazonaws.com.
    private static let rsa = """
        -----BEGIN CERTIFICATE-----
        MIIDQzCCAiugAwIBAgIUL+KQ8AraBAiu8IoWGUgIN+1qWn8wDQYJKoZIhvcNAQEL
        BQAwHDEaMBgGA1UEAwwRc25zLmFtYXpvbmF3cy5jb20wIBcNMjYxMTI2MTQzNTMy
        WhgPMjEyNjExMDIxNDM1MzJaMBwxGjAYBgNVBAMMEXNucy5hbWF6b25hd3MuY29t
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0cJsvQWqgb+73dyIW0AI
        LIzDutkGxT1LF1LXzdXXi0UBwe00TAat7DxEvsX4LvUIbgttzkj0UTNoUj2PJIyP
        fYdfGKDT9BnZIdXBiyKhJC0WqoP5Sf2NuedVA+CYaz2uRDitJKQLgwMoPTX3Ghq+
        qRfr6ntnnpQ5jhC0RgqP3cTyFKlpGWkedQS0U1vuLhacAGF+TwHh8P85rz9Sp7tu
        smQtEOg7X9akznqx39AAn9UjKzFuCjMoSbOWPKzhjUiLf6LLhFQpi80CPzclXz9M
        9hheVraQ27grWzVgUke5G5/ExdoYDjfDabyDna8YoxzxTzgLSxdphfguP8Ue/E1P
        zQIDAQABo3sweTAdBgNVHQ4EFgQU2Md4obGnPW2rmfQOJk/WE0Qp5XQwHwYDVR0j
        BBgwFoAU2Md4obGnPW2rmfQOJk/WE0Qp5XQwDwYDVR0TAQH/BAUwAwEB/zAmBgNV
        HREEHzAdghtzbnMuZXUtd2VzdC0xLmFtYXpvbmF3cy5jb20wDQYJKoZIhvcNAQEL
        BQADggEBAJ1M2TvxBMo6fZRCX2wDMhEsMU4tlsL6MoLDBYNg1deKhJFHKgYhlmYS
        cljUdl16MMQgF1yRFDh1IiVGCd8i1YQq2iVZeRSYuoKy2AjBfiwVnAWVS7+qShxe
        O/PIsPOso67kMTNnqjQUIRCgKITMYSlGVv3OaAU7G2tQx2G5JuyLQpclfkoMnO0R
        aJuZdYwtAINtyq+oCXcjX/62GUOGqPblf/eQCYPnPNyvJ6trt34nUu3Ii/P98sSC
        tw+AFr916Op/5+5P71NhC2iKrKa7lKt2aRCZ5EX13YLPn/PF3/7aAmlEHIVaeyxQ
        CGNxxhAQZlfbOOiLuxU57CsTtW/veXk=
        -----END CERTIFICATE-----
        """

    /// P-256, CN=sns.amazonaws.com.
    private static let p256 = """
        -----BEGIN CERTIFICATE-----
        MIIBjjCCATWgAwIBAgIUG79nNwAjg8fPZtHKdaNJ1AewoWQwCgYIKoZIzj0EAwIw
        HDEaMBgGA1UEAwwRc25zLmFtYXpvbmF3cy5jb20wIBcNMjYxMTI2MTQzNTMyWhgP
        MjEyNjExMDIxNDM1MzJaMBwxGjAYBgNVBAMMEXNucy5hbWF6b25hd3MuY29tMFkw
        EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgqxZWG0m4i1S6IUsxfya8qd1qVxM4on6
        6eFgLD5tDyNpqt85ZihbjsDknQ190uLhjIl9qK4vAwi1XoO3WO1lnqNTMFEwHQYD
        VR0OBBYEFPEWNNoWCqX1D8OH1TCXwlCLxScAMB8GA1UdIwQYMBaAFPEWNNoWCqX1
        D8OH1TCXwlCLxScAMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIg
        E91HvFoin7sLKNm2lXPFRUKaD6Lvs9dGfs2W2uSAX6ICIEsNrqJnMJmKCmvV+wpM
        RCcVurWUcwmJ5bjZpHxql3Gg
        -----END CERTIFICATE-----
        """

    @Test func `a certificate tells when it holds`() throws {
        let certificate = try Certificate(pem: Array(Self.rsa.utf8))
        #expect(certificate.validity == 1_795_703_732...4_949_303_732)
        #expect(!certificate.key.isValid([UInt8](repeating: 0, count: 256), for: []))
        #expect(Certificate.end(ofPEM: Array(Self.rsa.utf8)) == certificate.validity.upperBound)
        #expect(Certificate.end(ofPEM: Array("no certificate".utf8)) == nil)
    }

    @Test func `an alternative name counts, and then the common name does not`() throws {
        _ = try Certificate(pem: Array(Self.rsa.utf8), issuedFor: ["sns.eu-west-1.amazonaws.com"])
        _ = try Certificate(pem: Array(Self.rsa.utf8), issuedFor: ["example.com", "sns.eu-west-1.amazonaws.com"])
        for host in ["sns.amazonaws.com", "eu-west-1.amazonaws.com", "sns.eu-west-1.amazonaws.com.example.com", ""] {
            #expect(throws: CertificateFlaw.otherName) {
                try Certificate(pem: Array(Self.rsa.utf8), issuedFor: [host])
            }
        }
    }

    @Test func `a key of another kind is refused, after the name`() {
        let pem = Array(Self.p256.utf8)
        #expect(throws: CertificateFlaw.otherKey) { try Certificate(pem: pem, issuedFor: ["sns.amazonaws.com"]) }
        #expect(throws: CertificateFlaw.otherName) { try Certificate(pem: pem, issuedFor: ["sns.example.com"]) }
    }

    @Test(arguments: ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "\0\0"])
    func `what is no certificate is unreadable`(text: String) {
        #expect(throws: CertificateFlaw.unreadable) { try Certificate(pem: Array(text.utf8)) }
    }

    @Test func `a certificate that was cut is unreadable`() {
        let whole = Array(Self.rsa.utf8)
        for size in stride(from: 0, to: whole.count - 26, by: 97) {
            #expect(throws: CertificateFlaw.unreadable) { try Certificate(pem: Array(whole.prefix(size))) }
        }
    }
}
