/// Keys that nothing signs with, made for these tests alone.
enum P384 {
    static let pem = """
        -----BEGIN PRIVATE KEY-----
        MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDDxsuhYDNTgD7dZkkOB
        uZOkOx/+97sWfNmeJG6hBQA3wMoFvPiielCy3WIyudL9P0uhZANiAATKVqYL+uWX
        zJAQ0KKXwR0be9JqfMEOXTa6vt4U9WZl8fcfz2QfaFLstypclEyzAVTNQUUOATQN
        RG0gwwr36WfOCSSSpTrgphNbblyl7cWejBj8p6vX0OzJZ56u/OSw2Is=
        -----END PRIVATE KEY-----

        """
}

enum RSA1024 {
    static let pem = """
        -----BEGIN PRIVATE KEY-----
        MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBALJiA3k+uo2WpMGG
        KqgPre5kUelB/2s/QT5BhzZZvl2yhrwygltJK8hpHsb26n/fFC1Ya/Lc/YEPkjpr
        xGVDkKfrCeKN/vptxTZEaYfYKU3enQpHvSEHZF9LylGbyOdx2HstwtVpCOGZ3qKi
        z9DYr9KedVvoZdQPToKsdjiPRm6rAgMBAAECgYEArSB/ao89E+ofIUwL3mzJTFPF
        Q/Qv53DO65NBnbhgECQSrFkBN4O+oJWVr1k5or1podDthBqDV107eMPbKsT2gML+
        krHF3kssGhmcH157aEQ+EgGxkV2Uih5lHbx4UUYhxpvLlBzGUVVGUFK2iIln7KJi
        U748H4donYCLA/o8JlECQQDjTQyMAmvy+CN1olrxxX9/hyt1NHlNXhqR5K4SYbyr
        lVrKZ0InUzCTKbDJtJ1JMgzYIwgmxhaEwVPZ7hOQi+GlAkEAyOfORU+OJT2iIZdI
        3qav10ORFKuwzUumFv5DClMPccUVZvaR3NjZ/fVXwFWWfWLQftZxqo3zqxZT2o4d
        fOF+DwJAYQda+8ls22Mhf+22dM6iBoZk/rtPrL8nCHBd/mrKZ1RyVUSO8MqKScfa
        N8BqA/zhjsIlkKeupS0B5l3C7ElKIQJBAMeQEwIgOzdc2I77YqPf+W0frZ5VyWKz
        0UCnwlogFYhSV6cWJ9+y/B7atRbVLY5ROH+1beUX6kI5BIRlhH8G0hsCQCpe5msq
        /VDsj4ltfxgiVOSAjHLF/eHnV4fLePDP2fgIMALzFYjJRHnRhIUbSThbAK6g7Whm
        Dr/tMrlSAbOtzhc=
        -----END PRIVATE KEY-----

        """
}

enum Encrypted {
    static let pem = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhZiZu5P1OB1AICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEELzL3bZV90vyUeXTCuktNkEEgZAJ
        atqxDIQOSYEtEfy+5anT6OVFETA8tBOkI3x6QuDeGlFvMPRiUT9XuPrNYYFXVrQN
        PBYvsZNdE3XhJ0g0iYjgmNKwbiaJwTuq755aMZ6Igp2RbJ6nN+pqkY4oVjpt86kV
        UOJjeHhAmFzU9hJtoj/I2BBH0kJHLdswG9+PC/b5GzXfhC39/1qhknmvBD26ISA=
        -----END ENCRYPTED PRIVATE KEY-----

        """
}
