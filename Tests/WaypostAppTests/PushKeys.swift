import WaypostJSON

/// Keys for accounts at Apple and Google, made for tests alone.
enum PushKeys {
    /// P-256, in the form of Apple's `.p8` files.
    static let apple = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgRUWmFIhGtYaUvsSR
        Yd7DWRsgM57328+8kQhR5JFV2buhRANCAARQdupKnyPHqaxEm6AfQa9iCl0QFS+J
        7hzFrOjsFVHpnHNAztvb6nh07s/xs2ozT3/UtU7JVNEtZPFwdV0RFk6i
        -----END PRIVATE KEY-----

        """

    /// RSA of 2048 bits.
    static let google = """
        -----BEGIN PRIVATE KEY-----
        MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCP4CIhylx/ylYB
        /0dc4q5pnwOvhKwrG+baM1U5ZzBU4gAJqROePVhhaYWsl6+oF3/sxhSrwzatz3oS
        o4pmePX1p+S8hUFygTmpdvpUGv/lPQBLdSJXifeDIv0T1BPKMVS29uxdW5JZSoIs
        plsgGU5AEH+jx1RmhixZfzK+CJdK+wV8S5IJ8H04l+dAxweZxc/RkoDa1w7cwgSW
        GFakzmlFnrhz2+jchntApZqAe6i7NGVlUWNiNOjuwisi/0F+a/x68KzSRtxTz/u1
        p72AafKP0s/1VZxT89oPWiCQ+EdbhESichy6+eJKeMCYjS8zP7Y8Hwly/q2Uac12
        8BC14hl9AgMBAAECggEACEohrVC7g6Fk0ziiI/frlKpUzAgY42L4KhpLDsOjRUDA
        P84+Ex/1t6cczJTwyf6QoFPJXRwiSmFp5ykFEGJnyX+i7jm/S5mmeN0iDzZ/B/Y7
        zh0xnVmVqTia3Emb2kp9Vw1jEP31sK9aULhFB9RtbcOFlyok8sNISt/JTKmyDd/S
        kF93YJOvyp4n9ncr2pwjwaMzxaCIVw5J0W/gOkJVDUxFYJFBdfbV/tdidluivVx9
        VlGnUG1Ma/P53tCbbs0C/Sn/KuziUAPm4w4a2fJ4bgxiSM74jiCT/+aGZhtl0Hmf
        UVD60yGGfMjRMFP8zyRvZnxATMVSq16ekI5Z5OnNAQKBgQDGcS8tbZn4Qxu/Pm1o
        hRNEOHCMSiFhgie93fFHBLPb6vuxR8q9yx5krXRIFWoJqAQd9IVRc5ywXzhet7I9
        4sicLlYs34J9pRm0ReaolfelVAVkQw7dMf3kru7XM5G4vL6ELoteFtJkWxFjc5/V
        BgbUBK9seNoBRK16S5oe/Um6qwKBgQC5mz6UVioFEumKaF/4/nXpCXlz93f8BqC5
        uJSB69zEs38Mz2n62YWmdhUHuUyqZa54EFK9Lkgp1O9eq6zcmOVsoFVTI9kq0ywM
        Y3vMxtTaNyMX0aYcnhZbT28y0EMJee3mwxFPt+1ZKxynXycJsXoRNHoAKX2pAqGe
        Eph9bpT8dwKBgQCA+mfTev0sI1IRhx3NZVEUciqUxEnV+qah/XMo2aGdOqnEnAjm
        OvLSNPrzLxfwlse2QIu2WRJqgDk/Nt4e4xvIh0VzfQJvb7O5PAWjZXXEe0vV0tAC
        bM+8pwaN0PLRw7uAZlAnI2Yz3Az9OtWTu4sMms76DcKEOIMYjbLqmW4maQKBgQCM
        bdIWR275ccqzBq9+Y4BwtdNnk1f7nkQi4G20MvFQ/gHlflTQD54YSQU2V9OSpOYx
        PyBqtEazJ8GIHlnmeeQzoMeN5PSdezK7mNWFJPbMt6Tck6mbw1xk75/RkVL3K4J8
        8x/48c8phP3kAJE3u0kBFXQtBTdnFW+UertXQ8CDlwKBgAyB17DnTFaq8c420CI2
        ceGgdPcZGm6CRVthjW73hdjc2Yr1FjiJ44rR27SePt0rNAs6m9/asS+5aLxKbVvP
        hX1pYD+KQOX7EWvGL+/hQpsE02BtbqgR3REV0DeTrcCSMEbjHHkY5YcGiHHD+QjK
        UnMYLKs9QHzHamvxg7a5H7C0
        -----END PRIVATE KEY-----

        """

    /// Google's file, with some of its members changed; an empty text takes one out.
    static func serviceAccount(_ changes: [String: String] = [:]) -> String {
        let members = [
            "type": "service_account", "project_id": "example-project", "private_key_id": "0123", "private_key": google,
            "client_email": "notify@example-project.iam.gserviceaccount.com",
            "token_uri": "https://oauth2.googleapis.com/token",
        ].merging(changes) { $1 }.filter { !$0.value.isEmpty }
        let json = JSONValue.object(members.map { .init($0.key, .string($0.value)) })
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
