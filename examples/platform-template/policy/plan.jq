# The platform's policy, held against `terraform show -json` of a plan: prints one line for each offence, none when all is well.
#
#   terraform show -json plan.tfplan | jq -r --arg environment prod -f policy/plan.jq

def pipelines: [.resource_changes[]? | select(.type == "datalake_pipeline")];

pipelines[]
| .address as $address
| .change as $change
| (
    # Data never goes in prod.
    (select($environment == "prod" and ($change.actions | index("delete")))
      | "\($address): a plan for prod must not delete or replace a pipeline"),

    ($change.after // empty
      | . as $after
      | (
          (select($environment == "prod" and .force_destroy == true)
            | "\($address): force_destroy is for dev only"),

          (select($environment == "prod" and .kms_key_arn == null and ($change.after_unknown.kms_key_arn // false | not))
            | "\($address): prod wants a KMS key of its own"),

          ("Team", "Environment"
            | . as $tag
            | select(($after.tags // {})[$tag] == null)
            | "\($address): the tag \($tag) is missing"),

          (.datasets // {} | to_entries[]
            | .key as $dataset
            | (
                (select((.value.columns // {}) == {})
                  | "\($address): the dataset \($dataset) declares no columns, so nothing of it is checked"),

                (select((.value.quality.threshold_percent // 0) < 50)
                  | "\($address): the dataset \($dataset) accepts objects that score below 50"),

                (.value.columns // {} | to_entries[]
                  | select((.key | test("email|phone|birth|ssn|iban"; "i")) and .value.classification == null)
                  | "\($address): the column \($dataset).\(.key) sounds personal and has no classification")
              )
          )
        )
    )
  )
