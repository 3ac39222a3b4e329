import HTTPTypes

extension HTTPField.Name {
    static let amzDate = known("x-amz-date")
    static let amzContentSHA256 = known("x-amz-content-sha256")
    static let amzSecurityToken = known("x-amz-security-token")
    static let amzBucketRegion = known("x-amz-bucket-region")
    static let amzRequestID = known("x-amz-request-id")
    static let amzVersionID = known("x-amz-version-id")
    static let amzEncryption = known("x-amz-server-side-encryption")
    static let amzEncryptionKey = known("x-amz-server-side-encryption-aws-kms-key-id")
    static let amzCustomerAlgorithm = known("x-amz-server-side-encryption-customer-algorithm")
    static let amzStorageClass = known("x-amz-storage-class")
    static let amzTaggingCount = known("x-amz-tagging-count")
    static let amzTaggingDirective = known("x-amz-tagging-directive")
    static let amzMetadataDirective = known("x-amz-metadata-directive")
    static let amzCopySource = known("x-amz-copy-source")
    static let amzCopySourceIfMatch = known("x-amz-copy-source-if-match")
    static let amzLockMode = known("x-amz-object-lock-mode")
    static let amzLockUntil = known("x-amz-object-lock-retain-until-date")
    static let amzBucketLockEnabled = known("x-amz-bucket-object-lock-enabled")
    static let amzDecodedLength = known("x-amz-decoded-content-length")
    static let minioDeploymentID = known("x-minio-deployment-id")
    static let amzTagging = known("x-amz-tagging")
    static let contentMD5 = known("Content-MD5")

    static func known(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("'\(name)' is no header name") }
        return name
    }
}
